using System.Globalization;

namespace NasSync.Config.Reading;

/// <summary>A duration: <c>250ms</c>, <c>5s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>; a plain number is seconds.</summary>
internal static class DurationText
{
    /// <summary>The forms that <see cref="Parse"/> takes, for the schema.</summary>
    public const string Pattern = "^(" + NumberForm + ")(ms|s|m|h|d)?$";

    /// <summary>A number without a sign, as the readers of durations and sizes take it.</summary>
    public const string NumberForm = @"[0-9]+(\.[0-9]*)?|\.[0-9]+";

    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    public static Parsed<TimeSpan> Parse(string text)
    {
        var (suffix, unit) = Units.FirstOrDefault(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var number = suffix is null ? text : text[..^suffix.Length];
        if (suffix is null) unit = TimeSpan.FromSeconds(1);
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return Parsed<TimeSpan>.Wrong($"'{text}' is no duration; write for example 250ms, 5s, 5m or 1h.");
        var most = decimal.MaxValue / TimeSpan.TicksPerDay;
        return value > most || value * unit.Ticks > long.MaxValue
            ? Parsed<TimeSpan>.Wrong($"'{text}' is too long a duration.")
            : TimeSpan.FromTicks((long)(value * unit.Ticks));
    }

    public static Func<string, Parsed<TimeSpan>> Between(TimeSpan least, TimeSpan most) => text =>
    {
        var parsed = Parse(text);
        return parsed.Problem is not null || (parsed.Value >= least && parsed.Value <= most)
            ? parsed
            : Parsed<TimeSpan>.Wrong($"'{text}' is out of range; write a duration from {Format(least)} to {Format(most)}.");
    };

    /// <summary>Formats a duration in the largest unit that represents it exactly.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero) return "0s";
        var (suffix, unit) = Units.LastOrDefault(unit => value.Ticks % unit.Unit.Ticks == 0);
        return suffix is null
            ? ((decimal)value.Ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture) + "ms"
            : (value.Ticks / unit.Ticks).ToString(CultureInfo.InvariantCulture) + suffix;
    }
}
