namespace NasSync.Processes;

/// <summary>A program and its argument vector. No shell sees it, so nothing needs quoting.</summary>
/// <param name="Program">A full path, or a name that is looked for in the PATH.</param>
/// <param name="Arguments">Each reaches the program as it stands.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables added to this process's own; a null value removes one. Default none.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where it starts; null (the default) is this process's current folder.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>
    /// How much the pipes to and from it should hold, where the system lets one say so (Linux); null (the default) is as the system has it.
    /// </summary>
    public int? PipeBytes { get; init; }

    /// <summary>How many bytes of its error output are kept: the first half of it and the latest. Default 64 KiB.</summary>
    public int ErrorBytes { get; init; } = 64 * 1024;
}
