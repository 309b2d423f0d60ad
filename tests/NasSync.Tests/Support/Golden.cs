namespace NasSync.Tests.Support;

/// <summary>
/// Compares texts with reviewed files, so that no text changes unnoticed. With NASSYNC_GOLDEN=write the files are rewritten; review the diff.
/// </summary>
internal static class Golden
{
    /// <summary>Compares a text with a file below the tests' folder, ignoring the kind of line ends.</summary>
    public static void Check(string file, string text)
    {
        var path = Repository.At(Path.Combine("tests/NasSync.Tests", file));
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("NASSYNC_GOLDEN") == "write") File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }
}
