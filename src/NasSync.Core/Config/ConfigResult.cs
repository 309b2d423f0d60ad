namespace NasSync.Config;

/// <summary>A configuration, or why there is none.</summary>
public sealed record ConfigResult
{
    /// <summary>The configuration; null when any problem is an error.</summary>
    public required SyncConfig? Config { get; init; }

    /// <summary>Every problem at once, the file's from top to bottom, then the environment's.</summary>
    public required IReadOnlyList<ConfigProblem> Problems { get; init; }

    /// <summary>
    /// Where each setting was set, by its name below <c>nasSync</c> (<c>transfers</c>, <c>remoteRoots.audio</c>): the file's name and line,
    /// <c>nas-sync.yaml:7</c>, the variable's name, or <c>default without a file</c> where variables alone are set, which have some defaults of
    /// their own. What is not listed has its default.
    /// </summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();
}
