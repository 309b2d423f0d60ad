using Microsoft.Extensions.Logging;

namespace NasSync.Watching;

/// <summary>Diagnostic messages about what a watcher sees.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(
        EventId = 500,
        EventName = "Scanned",
        Level = LogLevel.Debug,
        Message = "Scanned {Folder}: {Jobs} jobs, {Changed} new or changed manifests, {Milliseconds} ms")]
    public static partial void Scanned(ILogger log, string folder, int jobs, int changed, long milliseconds);

    [LoggerMessage(EventId = 501, EventName = "Hinted", Level = LogLevel.Debug, Message = "The file system reported {Kind} for '{Job}'")]
    public static partial void Hinted(ILogger log, HintKind kind, string job);

    [LoggerMessage(EventId = 502, EventName = "Offered", Level = LogLevel.Debug, Message = "Queued {Manifest}")]
    public static partial void Offered(ILogger log, string manifest);

    [LoggerMessage(EventId = 503, EventName = "WatchArmed", Level = LogLevel.Debug, Message = "{Folder}: changes are reported by {Source}")]
    public static partial void Armed(ILogger log, string folder, string source);
}
