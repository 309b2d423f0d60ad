using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.Pipeline;

/// <summary>Diagnostic messages about the calls to a place.</summary>
internal static partial class DestinationLog
{
    [LoggerMessage(EventId = 300, EventName = "Called", Level = LogLevel.Debug, Message = "{Place}: {Call} {Path} → {Answer} ({Milliseconds} ms)")]
    public static partial void Called(ILogger log, string place, string call, string path, string answer, long milliseconds);

    [LoggerMessage(
        EventId = 301,
        EventName = "CallFailed",
        Level = LogLevel.Debug,
        Message = "{Place}: {Call} {Path} failed after {Milliseconds} ms: {Why} [{Code}]")]
    public static partial void Failed(ILogger log, string place, string call, string path, string why, string code, long milliseconds);

    [LoggerMessage(
        EventId = 302,
        EventName = "BreakerOpened",
        Level = LogLevel.Debug,
        Message = "{Place}: failed several times in a row and gets no calls for a while")]
    public static partial void Opened(ILogger log, string place);

    [LoggerMessage(EventId = 303, EventName = "BreakerClosed", Level = LogLevel.Debug, Message = "{Place}: gets calls again")]
    public static partial void Closed(ILogger log, string place);
}
