using System.Text;

namespace NasSync.Scheduling;

/// <summary>Text as a literal of PowerShell's language.</summary>
internal static class PowerShellText
{
    // The language takes the typographic quotes for the plain one (about_Quoting_Rules), so each of them must be doubled.
    private const string Quotes = "'\u2018\u2019\u201A\u201B";

    /// <summary>
    /// An argument that is the text and nothing else. Signs that a scheduler would replace before PowerShell sees them, <c>%NAME%</c> and
    /// <c>$(Arg0)</c>, are written by their numbers.
    /// </summary>
    public static string Literal(string text)
    {
        var parts = new List<string>();
        var literal = new StringBuilder();
        foreach (var c in text)
        {
            if (c is '%' or '$')
            {
                if (literal.Length > 0) parts.Add($"'{literal}'");
                literal.Clear();
                parts.Add($"[char]{(int)c}");
                continue;
            }

            literal.Append(c);
            if (Quotes.Contains(c, StringComparison.Ordinal)) literal.Append(c);
        }

        if (literal.Length > 0 || parts.Count == 0) parts.Add($"'{literal}'");
        if (parts.Count == 1 && parts[0][0] == '\'') return parts[0];

        // A char at the beginning would make the sum one of numbers.
        return parts[0][0] == '\'' ? $"({string.Join(" + ", parts)})" : $"('' + {string.Join(" + ", parts)})";
    }
}
