namespace NasSync.Files;

/// <summary>File times as nanoseconds since 1970 UTC, a range from September 1677 to April 2262. File systems can hold times outside of it.</summary>
internal static class FileTime
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerTick = 100;
    private const long MostSeconds = long.MaxValue / NsPerSecond;
    private const long MostTicks = long.MaxValue / NsPerTick;

    /// <summary>
    /// Converts a system time. A time outside the range becomes the nearest end, so that it never equals another time in the range.
    /// </summary>
    public static long Of(long seconds, uint rest) => seconds switch
    {
        >= MostSeconds => long.MaxValue,
        <= -MostSeconds => long.MinValue,
        _ => (seconds * NsPerSecond) + rest,
    };

    /// <summary>Converts a runtime time in the same way.</summary>
    public static long Of(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks switch
    {
        >= MostTicks => long.MaxValue,
        <= -MostTicks => long.MinValue,
        var ticks => ticks * NsPerTick,
    };

    /// <summary>Whether a time is inside the range, rather than one of the two end values.</summary>
    public static bool Fits(long ns) => ns is not (long.MinValue or long.MaxValue);
}
