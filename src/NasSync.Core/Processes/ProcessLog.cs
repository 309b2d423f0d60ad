using Microsoft.Extensions.Logging;

namespace NasSync.Processes;

/// <summary>
/// Diagnostic messages about outside programs. Arguments are shown as they are, since no argument holds a secret; variables are not shown.
/// </summary>
internal static partial class ProcessLog
{
    [LoggerMessage(EventId = 100, EventName = "ProgramStarted", Level = LogLevel.Debug, Message = "Started process {Id}: {CommandLine}")]
    public static partial void Started(ILogger log, int id, string commandLine);

    [LoggerMessage(EventId = 101, EventName = "ProgramEnded", Level = LogLevel.Debug, Message = "Process {Id} ended with exit code {Code}")]
    public static partial void Ended(ILogger log, int id, int code);

    /// <summary>A command line as a person would type it into a shell. It is shown, never run.</summary>
    public static string CommandLine(string program, IEnumerable<string> arguments) =>
        string.Join(' ', arguments.Prepend(program).Select(ShellWord.Quote));
}
