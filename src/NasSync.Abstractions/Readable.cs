using System.Globalization;

namespace NasSync;

/// <summary>Formats numbers for people, the same in every culture; the module's table views use it.</summary>
public static class Readable
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>
    /// A size with up to three digits and a binary unit: <c>0 B</c>, <c>999 B</c>, <c>1.50 KiB</c>, <c>12.3 MiB</c>. Null gives an empty string.
    /// </summary>
    public static string Size(long? bytes)
    {
        if (bytes is not { } left) return "";
        double value = left;
        var unit = 0;
        // 999.5 and more would be shown with four digits, so the next unit begins before 1024.
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var digits = unit == 0 ? "0" : Math.Abs(value) < 9.995 ? "0.00" : Math.Abs(value) < 99.95 ? "0.0" : "0";
        return value.ToString(digits, CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>
    /// A time span in its two largest units: <c>12 ms</c>, <c>3.4 s</c>, <c>2 min 5 s</c>, <c>3 h 20 min</c>, <c>2 d 4 h</c>. Null gives an empty
    /// string.
    /// </summary>
    public static string Duration(TimeSpan? span)
    {
        if (span is not { } time) return "";
        if (time < TimeSpan.Zero) return "-" + Duration(time.Negate());
        if (time.TotalMilliseconds < 999.5) return Invariant($"{time.TotalMilliseconds:0} ms");
        if (time.TotalSeconds < 59.95) return Invariant($"{time.TotalSeconds:0.0} s");
        var seconds = (long)Math.Round(time.TotalSeconds);
        if (seconds < 3600) return Invariant($"{seconds / 60} min {seconds % 60} s");
        return seconds < 86400
            ? Invariant($"{seconds / 3600} h {seconds % 3600 / 60} min")
            : Invariant($"{seconds / 86400} d {seconds % 86400 / 3600} h");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
