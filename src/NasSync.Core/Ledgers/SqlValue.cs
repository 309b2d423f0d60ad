namespace NasSync.Ledgers;

/// <summary>Converts between the public types and column values.</summary>
internal static class SqlValue
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Nanoseconds since 1970 UTC; times outside 1678 to 2262 are clamped.</summary>
    public static long ToNs(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return Math.Clamp(ticks, long.MinValue / NanosecondsPerTick, long.MaxValue / NanosecondsPerTick) * NanosecondsPerTick;
    }

    /// <summary>The time, in UTC.</summary>
    public static DateTimeOffset ToTime(long ns) => DateTimeOffset.UnixEpoch.AddTicks(ns / NanosecondsPerTick);

    /// <summary>Parses an enum name; a name unknown to this version becomes the weakest member.</summary>
    public static T ToEnum<T>(string name)
        where T : struct, Enum => Enum.TryParse<T>(name, out var value) ? value : default;

    /// <summary>Reads a file state from four columns; null when the first is null. Unsigned numbers keep their bits in signed columns.</summary>
    public static FileState? ToFileState(SqlRow row, int first) => row.IsDBNull(first) ? null : new FileState(
        row.GetInt64(first), row.GetInt64(first + 1), unchecked((ulong)row.GetInt64(first + 2)), unchecked((ulong)row.GetInt64(first + 3)));

    /// <summary>A target from its three columns.</summary>
    public static Target ToTarget(SqlRow row, int first) => new()
    {
        Destination = row.GetString(first),
        Root = row.GetString(first + 1),
        Path = row.GetString(first + 2),
    };

    /// <summary>A text, or null.</summary>
    public static string? ToText(SqlRow row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
