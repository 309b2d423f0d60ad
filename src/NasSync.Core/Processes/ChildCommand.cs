using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NasSync.Processes;

/// <summary>A program and its argument vector. No shell parses it, so nothing needs quoting.</summary>
/// <param name="Program">A full path, or a name that is searched in the PATH.</param>
/// <param name="Arguments">Passed to the program unchanged.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables added to this process's own environment; a null value removes one. Default none.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The working folder; null (the default) is this process's current folder.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>
    /// The size of the pipes to and from the program, where the system lets it be set (Linux); null (the default) keeps the system's size.
    /// </summary>
    public int? PipeBytes { get; init; }

    /// <summary>How many bytes of error output to keep: half of them from its beginning, half from its end. Default 64 KiB.</summary>
    public int ErrorBytes { get; init; } = 64 * 1024;

    /// <summary>Receives the command line and the exit code as diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;
}
