using NasSync.Failures;

namespace NasSync.Destinations.Pipeline;

/// <summary>Puts around a place what every place gets, in one order.</summary>
internal static class DestinationPipeline
{
    /// <summary>
    /// From the outside in: what is measured is what the caller sees, waits for bandwidth included; a place that is left alone is not even
    /// waited for. Retry is not among them: one read feeds copies at several places, and a place that waits to be tried again would hold the
    /// others up. The run tries the item again instead, on its own lane.
    /// </summary>
    public static IDestination Compose(IDestination place, string name, BandwidthLimits limits, TimeProvider time)
    {
        var throttled = new ThrottledDestination(place, limits);
        var guarded = new BreakerDestination(throttled, new CircuitBreaker(name, FailuresToOpen, OpenFor, time));
        return new MeteredDestination(guarded, name, time);
    }

    // Few enough that a dead NAS does not cost each of a thousand items its own time-out, many enough to live through a hiccup.
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);
}
