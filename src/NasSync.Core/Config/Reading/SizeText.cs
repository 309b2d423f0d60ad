using System.Globalization;

namespace NasSync.Config.Reading;

/// <summary>A number of bytes: <c>20MiB</c> (units of 1024), <c>5MB</c> (units of 1000), or plain bytes.</summary>
internal static class SizeText
{
    /// <summary>The forms that <see cref="Parse"/> takes, for the schema.</summary>
    public const string Pattern = "^" + Form + "$";

    /// <summary>The forms that <see cref="Rate"/> takes, for the schema.</summary>
    public const string RatePattern = "^" + RateForm + "$";

    /// <summary>The same, as a part of a longer pattern. The part in front refuses zero.</summary>
    public const string RateForm = "(?=.*[1-9])" + Form + "(/s)?";

    private const string Form = "(" + DurationText.NumberForm + ")( *([KkMmGgTt][Ii]?)?[Bb])?";

    // Longer suffixes first: "MiB" ends with "B" too.
    private static readonly (string Suffix, long Unit)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    public static Parsed<long> Parse(string text)
    {
        var (suffix, unit) = Units.FirstOrDefault(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        var number = suffix is null ? text : text[..^suffix.Length].TrimEnd(' ');
        if (suffix is null) unit = 1;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return Parsed<long>.Wrong($"'{text}' is no size; write for example 20MiB, 5MB, 512KiB or a number of bytes.");
        return value > long.MaxValue / unit ? Parsed<long>.Wrong($"'{text}' is too large.") : (long)(value * unit);
    }

    /// <summary>A size per second; zero is refused, because nothing would ever be transferred.</summary>
    public static Parsed<long> Rate(string text)
    {
        var parsed = Parse(text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text);
        if (parsed.Problem is not null || parsed.Value > 0) return parsed;

        // Less than a byte is still a limit, and not none.
        return text.Any(c => c is >= '1' and <= '9') ? 1 : Parsed<long>.Wrong($"'{text}' would stop every transfer; remove the limit to have none.");
    }

    /// <summary>A size between two bounds, both included.</summary>
    public static Func<string, Parsed<long>> Between(long least, long most) => text =>
    {
        var parsed = Parse(text);
        return parsed.Problem is null && (parsed.Value < least || parsed.Value > most)
            ? Parsed<long>.Wrong($"{text} is out of range; write a size from {Format(least)} to {Format(most)}.")
            : parsed;
    };

    /// <summary>Formats a size in the largest binary unit that represents it exactly.</summary>
    public static string Format(long bytes)
    {
        var (suffix, unit) = Units.Take(4).FirstOrDefault(unit => bytes >= unit.Unit && bytes % unit.Unit == 0);
        return suffix is null ? bytes.ToString(CultureInfo.InvariantCulture) : (bytes / unit).ToString(CultureInfo.InvariantCulture) + suffix;
    }
}
