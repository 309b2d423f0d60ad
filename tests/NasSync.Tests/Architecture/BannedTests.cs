using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Architecture;

public sealed class BannedTests
{
    // Both names are in one folder there, so that no device is crossed; the systems it is for offer managed code no other rename.
    private const string MayMove = "NasSync.Core/Files/PortableSafeFolder.cs";

    [Theory]
    [InlineData(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b", "logic never reads the wall clock: take a TimeProvider")]
    [InlineData(@"\bThread\.Sleep\b", "nothing sleeps: wait for the event, or delay on the TimeProvider")]
    [InlineData(@"(\bTask|[a-z]Task|\btask|Async\([^;]*\))\.Result\b|\.Wait\(\)", "a blocked thread can deadlock: await instead")]
    [InlineData(@"\bFile\.Move\(", "across devices it silently becomes copy and delete: rename by way of Files")]
    [InlineData(@"catch\s*(\([\w.]*Exception\))?\s*\{\s*\}", "an error is never swallowed without a word why")]
    public void The_sources_do_without(string pattern, string because)
    {
        var found =
            from source in Repository.Sources("src")
            from line in source.Lines.Select((text, index) => (Text: text, Number: index + 1))
            where !(source.Path == MayMove && line.Text.Contains("File.Move(", StringComparison.Ordinal))
            where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal) && Regex.IsMatch(line.Text, pattern)
            select $"{source.Path}:{line.Number}: {line.Text.Trim()}";
        Assert.True(!found.Any(), $"{because}\n{string.Join('\n', found)}");
    }
}
