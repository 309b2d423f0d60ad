using System.Text;

namespace NasSync.PowerShell.Completion;

/// <summary>What completion offers for a word, as text that PowerShell reads back as the very name.</summary>
internal static class CompletionText
{
    // What PowerShell takes for a single quote, the typographic ones included.
    private const string Quotes = "'‘’‚‛";

    /// <summary>The names that begin with a word as it was typed so far, in order and each once; case does not count.</summary>
    public static IEnumerable<string> Matching(IEnumerable<string> names, string? word)
    {
        var typed = Typed(word);
        return names.Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A word without the quotes that someone began it with.</summary>
    public static string Typed(string? word)
    {
        if (string.IsNullOrEmpty(word)) return "";
        if (word[0] == '"') return word.Trim('"');
        if (!Quotes.Contains(word[0], StringComparison.Ordinal)) return word;
        var inner = word[1..];
        if (inner.Length > 0 && Quotes.Contains(inner[^1], StringComparison.Ordinal)) inner = inner[..^1];
        return inner.Replace("''", "'", StringComparison.Ordinal);
    }

    /// <summary>A name as an argument: in single quotes unless every character is harmless.</summary>
    public static string Argument(string name)
    {
        // A dash at the beginning would be the name of a parameter.
        if (name.Length > 0 && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')) return name;
        var quoted = new StringBuilder("'");
        foreach (var c in name) quoted.Append(c, Quotes.Contains(c, StringComparison.Ordinal) ? 2 : 1);
        return quoted.Append('\'').ToString();
    }

    /// <summary>A name as a pattern that matches nothing but it, for parameters that take wildcards.</summary>
    public static string Pattern(string name)
    {
        var pattern = new StringBuilder();
        foreach (var c in name)
        {
            if (c is '*' or '?' or '[' or ']' or '`') pattern.Append('`');
            pattern.Append(c);
        }

        return pattern.ToString();
    }
}
