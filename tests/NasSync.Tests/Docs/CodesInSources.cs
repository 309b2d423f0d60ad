using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Docs;

/// <summary>One place of the sources that gives a failure or a notice its code.</summary>
/// <param name="Code">The code.</param>
/// <param name="Class">The failure's class; null where it is chosen as the program runs. Of a notice always null.</param>
/// <param name="Place">The file.</param>
internal sealed record UsedCode(string Code, FailureClass? Class, string Place);

/// <summary>Reads from the sources which codes there are. What it cannot read is in <see cref="Unread"/>, so that no code goes by unseen.</summary>
internal sealed partial class CodesInSources
{
    // Methods that are given a code and make the failure themselves; what the class is there.
    private static readonly (string Pattern, FailureClass? Class)[] Helpers =
    [
        (@"\bWrong\(\s*""([A-Z]\w+)""", FailureClass.Config),                                      // SecretReader
        (@"\bFail\(decision, ""([A-Z]\w+)""", FailureClass.Config),                                // RouteTable
        (@"\bConflict\(\s*""([A-Z]\w+)""", FailureClass.Conflict),                                 // TargetConflict
        (@"RouteProblemException\([^;]*?""([A-Z]\w+)""\)", FailureClass.Config),                   // Routing
        (@"string code = ""([A-Z]\w+)""", FailureClass.Config),                                    // RouteProblemException
        (@"\bnew\(\$""remote root[^;]*?""([A-Z]\w+)""\)", FailureClass.Config),                      // RouteProblemException
        (@"=> \(""([A-Z]\w+)"", ""[^""]+""\),", FailureClass.Unavailable),                         // SshRefusal
        (@"new Failure\(\s*(?:kind|error is [^?]*\?[^,]*),\s*""([A-Z]\w+)""", null),               // ManifestFailure, ManifestFinder
    ];

    // Their bodies, where the code is a variable.
    private static readonly string[] HelperFiles =
    [
        "NasSync.Core/Config/SecretReader.cs", "NasSync.Core/Planning/TargetConflict.cs", "NasSync.Core/Routing/RouteTable.cs",
        "NasSync.Core/Destinations/Ssh/SshRefusal.cs",
    ];

    private readonly Dictionary<string, string> _constants = [];

    public CodesInSources()
    {
        var sources =
            from source in Repository.Sources("src")
            where source.Path != "NasSync.Core/Failures/FailureTable.cs"
            select (
                source.Path,
                Text: string.Join('\n', source.Lines.Select(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? "" : line)));
        var all = sources.ToList();
        foreach (var (path, text) in all)
            foreach (Match constant in Constant().Matches(text))
                _constants[$"{Path.GetFileNameWithoutExtension(path)}.{constant.Groups[1].Value}"] = constant.Groups[2].Value;
        foreach (var (path, text) in all) Read(path, text);
    }

    /// <summary>Where failures are made.</summary>
    public List<UsedCode> Failures { get; } = [];

    /// <summary>Where notices are made.</summary>
    public List<UsedCode> Notices { get; } = [];

    /// <summary>Places that give a code in a way that is not read here: name the helper above, or write the code where the class is.</summary>
    public List<string> Unread { get; } = [];

    private void Read(string path, string text)
    {
        foreach (Match pair in ClassAndCode().Matches(text))
        {
            if (CodeOf(path, pair.Groups[2].Value) is { } code) Failures.Add(new(code, Enum.Parse<FailureClass>(pair.Groups[1].Value), path));
            else if (!HelperFiles.Contains(path)) Unread.Add($"{path}: {pair.Value}");
        }

        foreach (var (pattern, failureClass) in Helpers)
            foreach (Match call in Regex.Matches(text, pattern)) Failures.Add(new(call.Groups[1].Value, failureClass, path));

        foreach (Match notice in NoticeCode().Matches(text))
        {
            var word = notice.Groups[1].Success ? notice.Groups[1].Value : notice.Groups[2].Value;
            if (CodeOf(path, word) is { } code) Notices.Add(new(code, null, path));
            else if (!word.EndsWith(".Code", StringComparison.Ordinal)) Unread.Add($"{path}: {notice.Value}"); // of a failure, whose code is known
        }
    }

    // "Literal", Constant, or Type.Constant.
    private string? CodeOf(string path, string word) => word[0] == '"'
        ? word.Trim('"')
        : _constants.GetValueOrDefault(word.Contains('.', StringComparison.Ordinal) ? word : $"{Path.GetFileNameWithoutExtension(path)}.{word}");

    [GeneratedRegex(@"\b(\w*Code)\s*=\s*""([A-Z]\w+)""")]
    private static partial Regex Constant();

    [GeneratedRegex(@"(?:FailureClass\.|[(?] ?\s*|\b0, )(Transient|Throttled|Unavailable|NoSpace|Permission|Auth|Mismatch|Conflict|Escape|Gone|Invalid|Config|Bug),\s*(""[A-Z]\w+""|[\w.]*[cC]ode)\s*,")]
    private static partial Regex ClassAndCode();

    [GeneratedRegex(@"new Notice\(\s*(""\w+""|[\w.]+)|\bNotice\??\s+\w+\([^)]*\)\s*=>\s*new\(\s*(""\w+""|[\w.]+)")]
    private static partial Regex NoticeCode();
}
