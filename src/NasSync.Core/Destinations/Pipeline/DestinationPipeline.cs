using NasSync.Failures;

namespace NasSync.Destinations.Pipeline;

/// <summary>Puts around a place what every place gets, in one order.</summary>
internal static class DestinationPipeline
{
    /// <summary>
    /// From the outside in: what is measured is what the caller sees, waits for bandwidth included; a place that is left alone is not even
    /// waited for; whether a call hangs is seen where nothing of ours waits in it. Retry is not among them: one read feeds copies at several places,
    /// and a place that waits to be tried again would hold the others up. The run tries the item again instead, on its own lane.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="label">What metrics call it: one of a few names, never a path.</param>
    /// <param name="limits">Its bandwidth.</param>
    /// <param name="watch">Sees whether it hangs.</param>
    /// <param name="time">The clock.</param>
    public static IDestination Compose(IDestination place, string name, string label, BandwidthLimits limits, HangWatch watch, TimeProvider time)
    {
        var watched = new WatchedDestination(place, watch);
        var throttled = new ThrottledDestination(watched, limits);
        var guarded = new BreakerDestination(throttled, label, new CircuitBreaker(name, FailuresToOpen, OpenFor, time));
        return new MeteredDestination(guarded, label, time);
    }

    // Few enough that a dead NAS does not cost each of a thousand items its own time-out, many enough to live through a hiccup.
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);
}
