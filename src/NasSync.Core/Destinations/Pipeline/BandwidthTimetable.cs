using NasSync.Config;

namespace NasSync.Destinations.Pipeline;

/// <summary>Which limit holds at a time of day: of the rules, the first whose span holds the time; a rule without a span holds always.</summary>
internal sealed class BandwidthTimetable(IReadOnlyList<BandwidthRule> rules, TimeProvider time)
{
    /// <summary>Bytes per second now, by the local clock; null is unlimited.</summary>
    public long? Now()
    {
        if (rules.Count == 0) return null;
        var clock = TimeOnly.FromDateTime(time.GetLocalNow().DateTime);
        return rules.FirstOrDefault(rule => Holds(rule, clock))?.BytesPerSecond;
    }

    // TimeOnly.IsBetween spans midnight by itself, and leaves out the end.
    private static bool Holds(BandwidthRule rule, TimeOnly clock) => rule is not { From: { } from, Until: { } until } || clock.IsBetween(from, until);
}
