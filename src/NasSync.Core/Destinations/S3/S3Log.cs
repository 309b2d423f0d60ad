using Microsoft.Extensions.Logging;

namespace NasSync.Destinations.S3;

/// <summary>Diagnostic messages about the requests to an S3 server. Headers are left out: one of them is the signature.</summary>
internal static partial class S3Log
{
    [LoggerMessage(EventId = 200, EventName = "S3Answered", Level = LogLevel.Debug, Message = "{Method} {Address}: {Status} after {Milliseconds} ms")]
    public static partial void Answered(ILogger log, HttpMethod method, string address, int status, long milliseconds);

    [LoggerMessage(
        EventId = 201,
        EventName = "S3Failed",
        Level = LogLevel.Debug,
        Message = "{Method} {Address}: no answer after {Milliseconds} ms: {Why}")]
    public static partial void NotAnswered(ILogger log, HttpMethod method, string address, string why, long milliseconds);

    /// <summary>The address and, where only a part of an object is asked for, its range.</summary>
    public static string Shown(HttpRequestMessage request)
    {
        // An address that is signed instead of the headers holds the signature in its query.
        var address = request.RequestUri is not { } uri ? "?"
            : uri.Query.Contains("X-Amz-", StringComparison.OrdinalIgnoreCase) ? $"{uri.GetLeftPart(UriPartial.Path)}?…"
            : uri.AbsoluteUri;
        return request.Headers.Range is { } range ? $"{address} ({range})" : address;
    }
}
