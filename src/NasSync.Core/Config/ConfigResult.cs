namespace NasSync.Config;

/// <summary>A configuration, or the reasons why there is none.</summary>
public sealed record ConfigResult
{
    /// <summary>The configuration; null when any problem is an error.</summary>
    public required SyncConfig? Config { get; init; }

    /// <summary>All problems: the file's from top to bottom, then the environment's.</summary>
    public required IReadOnlyList<ConfigProblem> Problems { get; init; }

    /// <summary>
    /// Where each setting was set, by its name below <c>nasSync</c> (<c>transfers</c>, <c>remoteRoots.audio</c>): file name and line
    /// (<c>nas-sync.yaml:7</c>), the variable's name, or <c>default without a file</c> for the different defaults that apply when only variables are
    /// set. Settings that are not listed have their default.
    /// </summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();
}
