using System.Text;

namespace NasSync.Scheduling;

/// <summary>Quotes text as a PowerShell literal.</summary>
internal static class PowerShellText
{
    // PowerShell treats typographic quotes like the plain one (about_Quoting_Rules), so each of them must be doubled.
    private const string Quotes = "'\u2018\u2019\u201A\u201B";

    /// <summary>
    /// An expression that evaluates to exactly this text. Characters that a scheduler would replace before PowerShell sees them (<c>%NAME%</c>,
    /// <c>$(Arg0)</c>) are written as character codes.
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

        // With a [char] as its first operand, PowerShell's + would add numbers instead of joining strings.
        return parts[0][0] == '\'' ? $"({string.Join(" + ", parts)})" : $"('' + {string.Join(" + ", parts)})";
    }
}
