using System.Text;

namespace NasSync.PowerShell.Completion;

/// <summary>Completions for a word, as text that PowerShell parses back to exactly that name.</summary>
internal static class CompletionText
{
    // The characters that PowerShell accepts as a single quote, including the typographic ones.
    private const string Quotes = "'‘’‚‛";

    /// <summary>The distinct names that begin with the typed word, sorted; ignores case.</summary>
    public static IEnumerable<string> Matching(IEnumerable<string> names, string? word)
    {
        var typed = Typed(word);
        return names.Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The typed word without its quotes.</summary>
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
        // A leading dash would make it the name of a parameter.
        if (name.Length > 0 && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')) return name;
        var quoted = new StringBuilder("'");
        foreach (var c in name) quoted.Append(c, Quotes.Contains(c, StringComparison.Ordinal) ? 2 : 1);
        return quoted.Append('\'').ToString();
    }

    /// <summary>A name as a pattern that matches only this name, for parameters that accept wildcards.</summary>
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
