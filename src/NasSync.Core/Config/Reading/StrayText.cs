using System.Text.RegularExpressions;

namespace NasSync.Config.Reading;

/// <summary>
/// Detects unintended characters in a value: quotes that docker's env files and other tools keep, a blank at either end, a carriage return from a
/// Windows line. In a path they would create a folder that nobody looks for, so such a value is refused.
/// </summary>
internal static partial class StrayText
{
    private const string Quotes = "\"'`“”„‘’‚«»";
    private const int LongestShown = 80;

    /// <summary>What is wrong with a variable, and how to write it; null when nothing is.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="text">Its value, not empty.</param>
    /// <param name="isSecret">True keeps the value out of the message.</param>
    public static string? OfVariable(string name, string text, bool isSecret = false)
    {
        if (Clean(text) is not { } clean) return OfComment(name, text, isSecret);
        var value = isSecret || clean.Length > LongestShown ? "…" : clean;
        var kept = IsQuoted(text.Trim()) ? ", as docker's env files keep quotes" : "";
        return $"The value {What(text)}{kept}; write {name}={value} without {Without(text)}.";
    }

    // Docker's env files also keep a comment behind the value. 'Mix #1' is a valid name, so the '#' must have blanks around it.
    private static string? OfComment(string name, string text, bool isSecret)
    {
        if (CommentRegex().Match(text) is not { Success: true, Index: var at }) return null;
        var value = isSecret ? "…" : text[..at];
        return "The value has a comment behind it, as docker's env files keep comments; "
            + $"write {name}={value} and the comment in a line of its own. "
            + "A folder that is called so can be named in nas-sync.yaml.";
    }

    /// <summary>The same for a secret, which may begin or end with any character: reports only a pair of quotes and a carriage return.</summary>
    public static string? OfSecret(string name, string text)
    {
        var isPair = text.Length > 1 && text[0] == text[^1] && text[0] is '"' or '\'';
        return isPair || text.EndsWith('\r') ? OfVariable(name, text, isSecret: true) : null;
    }

    /// <summary>What is wrong with a path in the file; null when nothing is.</summary>
    public static string? OfPath(string text)
    {
        // The path drops a separator at its end. A blank before that separator would then be the end of the path.
        var bare = text.TrimEnd('/', Path.DirectorySeparatorChar);
        if (bare.Length == 0 || Clean(bare) is not { } clean) return null;
        var asItIs = IsQuoted(text) ? $", or './{text}' where a folder is called so" : "";
        return $"'{text}' {What(bare)} that would become part of the path; write '{clean}'{asItIs}.";
    }

    // The value without stray characters; null when it has none. A quote only at the end is allowed: a folder may be named 7".
    private static string? Clean(string text)
    {
        var clean = text.Trim();
        if (IsQuoted(clean)) clean = clean.Trim(Quotes.ToCharArray()).Trim();
        return clean == text ? null : clean;
    }

    private static bool IsQuoted(string text) => text.Length > 0 && Quotes.Contains(text[0], StringComparison.Ordinal);

    private static string What(string text)
    {
        if (IsQuoted(text.Trim())) return "has quotes around it";
        if (text.EndsWith('\r')) return "ends as lines of Windows do (with a carriage return)";
        return char.IsWhiteSpace(text[0]) ? "begins with a blank" : "ends with a blank";
    }

    private static string Without(string text)
    {
        if (IsQuoted(text.Trim())) return "quotes";
        return text.EndsWith('\r') ? "it, and save the file with line ends of Unix" : "it";
    }

    [GeneratedRegex(@"\s+#(\s.*)?$|\s{2,}#.*$", RegexOptions.CultureInvariant)]
    private static partial Regex CommentRegex();
}
