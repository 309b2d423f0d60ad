using System.Text;

namespace NasSync.Scheduling;

/// <summary>Quotes words in systemd units, as in systemd.syntax(7) and systemd.service(5).</summary>
internal static class SystemdText
{
    /// <summary>A path in a list, or any other word that systemd unquotes and in which <c>%</c> begins a specifier.</summary>
    /// <param name="word">The word, without control characters, which some settings cannot express at all.</param>
    public static string Word(string word)
    {
        if (word.Any(char.IsControl))
        {
            throw new FailureException(new Failure(
                FailureClass.Config,
                "UnitText",
                $"{Failure.Quote(word)} holds a control character, which a systemd unit cannot name.",
                "Rename it, or give another path."));
        }

        var text = word.Replace("%", "%%", StringComparison.Ordinal);
        if (text.Length > 0 && text.All(IsPlain)) return text;

        // All settings parse only these two escapes alike: where C escapes are not supported, a backslash takes the next character literally.
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A command line. <c>$</c> begins a variable in arguments, but not in the program's path.</summary>
    public static string Command(IReadOnlyList<string> command)
    {
        // systemd cannot start a program with such a path, however it is quoted.
        if (command[0].AsSpan().IndexOfAny("\"'\\") >= 0)
        {
            throw new FailureException(new Failure(
                FailureClass.Config,
                "UnitProgram",
                $"systemd starts no program whose path has a quote or a backslash: {Failure.Quote(command[0])}.",
                "Put the program at a plain path, such as /usr/bin."));
        }

        return string.Join(' ', command.Select((word, at) => Word(at == 0 ? word : word.Replace("$", "$$", StringComparison.Ordinal))));
    }

    /// <summary>A list of words.</summary>
    public static string List(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    /// <summary>The rest of a line, in which only <c>%</c> is special.</summary>
    public static string Line(string text) => new([.. text.Replace("%", "%%", StringComparison.Ordinal).Select(c => char.IsControl(c) ? ' ' : c)]);

    /// <summary>A time span: <c>15min</c>, <c>1h 30min</c>.</summary>
    public static string Span(TimeSpan time)
    {
        var parts = new List<string>();
        if (time.Days > 0) parts.Add($"{time.Days}d");
        if (time.Hours > 0) parts.Add($"{time.Hours}h");
        if (time.Minutes > 0) parts.Add($"{time.Minutes}min");
        if (time.Seconds > 0) parts.Add($"{time.Seconds}s");
        if (time.Milliseconds > 0) parts.Add($"{time.Milliseconds}ms");
        return parts.Count > 0 ? string.Join(' ', parts) : "0";
    }

    // Excludes quotes, backslashes and white space, which systemd parses. Prefixes such as '-' and '@' pass, because the caller adds them on purpose.
    private static bool IsPlain(char c) => c > ' ' && c is not ('"' or '\'' or '\\' or ';' or '#');
}
