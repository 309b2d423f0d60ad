using NasSync.Config;

namespace NasSync.Destinations.Pipeline;

/// <summary>Selects the limit for the time of day: the first rule whose span contains it; a rule without a span always applies.</summary>
internal sealed class BandwidthTimetable(IReadOnlyList<BandwidthRule> rules, TimeProvider time)
{
    /// <summary>Bytes per second now, by the local clock; null is unlimited.</summary>
    public long? Now()
    {
        if (rules.Count == 0) return null;
        var clock = TimeOnly.FromDateTime(time.GetLocalNow().DateTime);
        return rules.FirstOrDefault(rule => Holds(rule, clock))?.BytesPerSecond;
    }

    // TimeOnly.IsBetween handles spans over midnight, and excludes the end.
    private static bool Holds(BandwidthRule rule, TimeOnly clock) => rule is not { From: { } from, Until: { } until } || clock.IsBetween(from, until);
}
