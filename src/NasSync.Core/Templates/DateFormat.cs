using System.Globalization;

namespace NasSync.Templates;

/// <summary>
/// The format of <c>${processedAt:…}</c>, in .NET syntax. Refuses letters that are no specifier, which would appear literally in the name, and
/// minutes in place of a month, which would give a different name for each run. <c>T</c> and <c>Z</c> stand for themselves, as in ISO 8601.
/// </summary>
internal static class DateFormat
{
    private const string Specifiers = "dfFgHhKmMstyz";
    private const string AsTheyStand = "TZ";
    private const string Example = "write for example 'yyyy-MM-dd'.";
    private const string OneLetter = "One letter alone is a whole date of its own";

    // Specifiers of other formats that people write: YYYY, DD, SS.
    private static readonly Dictionary<char, char> Meant = new() { ['Y'] = 'y', ['D'] = 'd', ['S'] = 's' };

    /// <summary>The mistake in a format at an offset of the template; null when there is none.</summary>
    public static TemplateProblem? Check(int offset, string format)
    {
        const string slash = "A date format cannot contain '/'; use two placeholders, such as '${processedAt:yyyy}/${processedAt:MM}'.";
        if (format.Length == 0) return new(offset, "The date format is empty; write for example '${processedAt:yyyy-MM}', or remove ':'.");
        if (format.Contains('/')) return new(offset + format.IndexOf('/'), slash);
        string sample;
        try
        {
            sample = DateTimeOffset.UnixEpoch.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return new(offset, Unknown(offset, format)?.Message ?? $"'{format}' is no date format; {Example}");
        }

        // A standard format of one letter can contain a slash: 'd' is MM/dd/yyyy.
        if (sample.Contains('/')) return new(offset, slash);
        if (format is "M" or "m" or "Y" or "y")
            return new(offset, $"{OneLetter}, here '{sample}'; write '{(format is "M" or "m" ? "MM" : "yyyy")}'.");
        return format.Length == 1 ? null : Unknown(offset, format) ?? Mistaken(offset, format);
    }

    /// <summary>Whether a format contains the hour.</summary>
    public static bool TellsHour(string format) => Letters(format).Any(letter => letter.Char is 'H' or 'h');

    /// <summary>Whether a format contains minutes but no hour.</summary>
    public static bool TellsOnlyMinutes(string format) => Letters(format).Any(letter => letter.Char == 'm') && !TellsHour(format);

    /// <summary>The message about minutes in place of a month.</summary>
    public static string NoMonth(string format) =>
        $"In '{format}' 'mm' is minutes, and no hour stands beside them; for the month write '{WithMonth(format)}'.";

    private static TemplateProblem? Unknown(int offset, string format)
    {
        var wrong = Letters(format).Where(letter => !Specifiers.Contains(letter.Char) && !AsTheyStand.Contains(letter.Char)).ToList();
        if (wrong.Count == 0) return null;
        var names = wrong.Select(letter => letter.Char).Distinct().Select(letter => $"'{letter}'").ToList();
        var what = names.Count == 1 ? $"{names[0]} is no specifier" : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]} are no specifiers";
        return new(
            offset + wrong[0].At,
            $"{what} of a date format and would stand in the name as {(names.Count == 1 ? "it is" : "they are")}; {Cure(format, wrong)}");
    }

    private static string Cure(string format, List<(char Char, int At)> wrong)
    {
        if (!wrong.TrueForAll(letter => Meant.ContainsKey(letter.Char))) return $"{Example} What is to stand there goes into quotes: \"'text'\".";
        var meant = format.ToCharArray();
        foreach (var (letter, at) in wrong) meant[at] = Meant[letter];
        var text = new string(meant);
        return $"did you mean '{(TellsOnlyMinutes(text) ? WithMonth(text) : text)}'?";
    }

    private static TemplateProblem? Mistaken(int offset, string format)
    {
        var letters = Letters(format).ToList();
        if (TellsOnlyMinutes(format) && letters.Exists(letter => letter.Char is 'y' or 'd'))
            return new(offset + letters.Find(letter => letter.Char == 'm').At, NoMonth(format));
        if (letters.Exists(letter => letter.Char == 'm')) return null;
        for (var i = 1; i < letters.Count; i++)
        {
            if (letters[i].Char != 'M' || letters[i - 1].Char is not ('H' or 'h')) continue;
            return new(offset + letters[i].At, $"In '{format}' 'MM' is the month, and it stands behind the hour; for minutes write 'mm'.");
        }

        return null;
    }

    private static string WithMonth(string format)
    {
        var text = format.ToCharArray();
        foreach (var (letter, at) in Letters(format)) text[at] = letter == 'm' ? 'M' : text[at];
        return new string(text);
    }

    // The letters that are neither quoted nor escaped with a backslash.
    private static IEnumerable<(char Char, int At)> Letters(string format)
    {
        var quote = '\0';
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c == '\\') i++;
            else if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '\'' or '"') quote = c;
            else if (char.IsLetter(c)) yield return (c, i);
        }
    }
}
