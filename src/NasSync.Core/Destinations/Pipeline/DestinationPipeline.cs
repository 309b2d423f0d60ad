using Microsoft.Extensions.Logging;
using NasSync.Failures;

namespace NasSync.Destinations.Pipeline;

/// <summary>Wraps a place in the decorators that every place gets, in a fixed order.</summary>
internal static class DestinationPipeline
{
    /// <summary>
    /// From the outside in: the metrics measure what the caller sees, including waits for bandwidth; the open breaker refuses a call before it waits
    /// for bandwidth; the hang watch is innermost, so that none of our own waits count as a hang. Retry is not among them: one read feeds copies at
    /// several places, and a place that waits for its retry would hold up the others. The run retries the item instead, in its own lane.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="label">Its name in metrics: one of a few names, never a path.</param>
    /// <param name="limits">Its bandwidth limits.</param>
    /// <param name="watch">Detects hanging calls.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives diagnostic messages.</param>
    public static IDestination Compose(
        IDestination place,
        string name,
        string label,
        BandwidthLimits limits,
        HangWatch watch,
        TimeProvider time,
        ILogger log)
    {
        if (log.IsEnabled(LogLevel.Debug)) place = new LoggedDestination(place, name, log, time);
        var watched = new WatchedDestination(place, watch);
        var throttled = new ThrottledDestination(watched, limits);
        var guarded = new BreakerDestination(throttled, label, new CircuitBreaker(name, FailuresToOpen, OpenFor, time)) { Log = log, Name = name };
        return new MeteredDestination(guarded, label, time);
    }

    // Few enough that a dead NAS does not cost each of a thousand items its own time-out, many enough to survive a brief outage.
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);
}
