namespace NasSync.Files;

/// <summary>Times of files as nanoseconds since 1970 UTC, which reach from September 1677 to April 2262. File systems can hold others.</summary>
internal static class FileTime
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerTick = 100;
    private const long MostSeconds = long.MaxValue / NsPerSecond;
    private const long MostTicks = long.MaxValue / NsPerTick;

    /// <summary>A time of the system; one that does not fit becomes the nearest end, so that it is never taken for another time.</summary>
    public static long Of(long seconds, uint rest) => seconds switch
    {
        >= MostSeconds => long.MaxValue,
        <= -MostSeconds => long.MinValue,
        _ => (seconds * NsPerSecond) + rest,
    };

    /// <summary>The same for a time of the runtime.</summary>
    public static long Of(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks switch
    {
        >= MostTicks => long.MaxValue,
        <= -MostTicks => long.MinValue,
        var ticks => ticks * NsPerTick,
    };

    /// <summary>Whether a time is one that fits.</summary>
    public static bool Fits(long ns) => ns is not (long.MinValue or long.MaxValue);
}
