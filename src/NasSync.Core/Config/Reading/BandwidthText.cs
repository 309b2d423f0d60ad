using System.Globalization;

namespace NasSync.Config.Reading;

/// <summary>A bandwidth rule: <c>08:00-18:00 5MiB</c>, or <c>5MiB</c> or <c>unlimited</c> for all other times.</summary>
internal static class BandwidthText
{
    /// <summary>The forms that <see cref="Parse"/> takes, for the schema.</summary>
    public const string Pattern = "^ *" + NoWholeDay + "(" + TimeForm + "-" + TimeForm + " +)?(unlimited|" + SizeText.RateForm + ") *$";

    // Refuses a part of the day that ends when it begins; 24:00 is 00:00.
    private const string NoWholeDay = @"(?!0?([0-9]{1,2}:[0-5][0-9])-0?\1 )(?!0?0:00-24:00 )(?!24:00-0?0:00 )";

    private const string TimeForm = "(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)";
    private const string Example = "write for example '08:00-18:00 5MiB' or 'unlimited'.";

    public static Parsed<BandwidthRule> Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A size may have a blank before its unit.
        if (words is [.., var number, var unit] && number.All(c => char.IsAsciiDigit(c) || c == '.') && char.IsAsciiLetter(unit[0]))
            words = [.. words[..^2], $"{number} {unit}"];
        if (words.Length is 0 or > 2) return Parsed<BandwidthRule>.Wrong($"'{text}' is no bandwidth limit; {Example}");
        var rate = Rate(words[^1]);
        if (rate.Problem is not null) return Parsed<BandwidthRule>.Wrong(rate.Problem);
        if (words.Length == 1) return new BandwidthRule(null, null, rate.Value);
        var times = words[0].Split('-');
        if (times.Length != 2 || !TryTime(times[0], out var from) || !TryTime(times[1], out var until))
            return Parsed<BandwidthRule>.Wrong($"'{words[0]}' is no part of the day; {Example}");
        return from == until
            ? Parsed<BandwidthRule>.Wrong($"'{words[0]}' begins and ends at the same time; for the whole day write the limit without times.")
            : new BandwidthRule(from, until, rate.Value);
    }

    public static string Format(BandwidthRule rule)
    {
        var rate = rule.BytesPerSecond is { } bytes ? SizeText.Format(bytes) : "unlimited";
        return rule.From is null ? rate : string.Create(CultureInfo.InvariantCulture, $"{rule.From:HH\\:mm}-{rule.Until:HH\\:mm} {rate}");
    }

    private static Parsed<long?> Rate(string text)
    {
        if (text == "unlimited") return new(null, null);
        var size = SizeText.Rate(text);
        return new(size.Value, size.Problem);
    }

    // 24:00 is a common notation for the end of the day; a rule that ends at 00:00 spans midnight and means the same.
    private static bool TryTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text == "24:00" ? "00:00" : text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
