using System.Globalization;
using System.Text;

namespace NasSync;

/// <summary>
/// Detects paths that are harmless as written but leave their root once a later reader (a web server, an SMB client, a normalizing file system)
/// decodes them. Only what decodes to a traversal is refused: a full-width slash in a title ("AC／DC") is an ordinary name.
/// </summary>
internal static class HiddenTraversal
{
    // Each round removes one layer of encoding. A name that is encoded this often is malicious.
    private const int MaxRounds = 8;

    /// <summary>True when some decoding of the text is absolute, names a drive or has a <c>.</c> or <c>..</c> component.</summary>
    /// <param name="text">Valid Unicode.</param>
    public static bool IsIn(string text)
    {
        var current = text;
        for (var round = 0; round < MaxRounds; round++)
        {
            var decoded = Fold(PercentDecode(current, anyContinuation: false));
            if (Traverses(decoded) || Traverses(Fold(PercentDecode(current, anyContinuation: true)))) return true;
            if (string.Equals(decoded, current, StringComparison.Ordinal)) return false;
            current = decoded;
        }

        return true;
    }

    private static bool Traverses(string decoded)
    {
        if (decoded is ['/' or '\\', ..] || RelativePath.NamesDrive(decoded)) return true;
        foreach (var part in decoded.Split('/', '\\'))
            if (Visible(part) is "." or "..") return true;
        return false;
    }

    // Windows drops spaces at the end of a component, and some readers drop invisible characters.
    private static string Visible(string part)
    {
        if (part.Length == 0 || !part.Contains('.')) return part;
        var shown = new StringBuilder(part.Length);
        foreach (var c in part)
            if (!char.IsControl(c) && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format) shown.Append(c);
        return shown.ToString().Trim();
    }

    // Unicode's compatibility mappings lack some of the characters that readers treat as a dot, a slash or a percent sign.
    private static string Fold(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\u2024' or '\uFE52' => folded.Append('.'),
                '\u2025' or '\uFE30' => folded.Append(".."),
                '\u2026' or '\uFE19' => folded.Append("..."),
                '\u2044' or '\u2215' or '\u29F8' => folded.Append('/'),
                '\u2216' or '\u29F5' or '\u29F9' or '\uFE68' => folded.Append('\\'),
                '\uFE6A' => folded.Append('%'),
                >= '\uFF01' and <= '\uFF5E' => folded.Append((char)(c - 0xFEE0)),
                _ => folded.Append(c),
            };
        }

        return UnicodeText.ComposeCompatible(folded.ToString());
    }

    private static string PercentDecode(string text, bool anyContinuation)
    {
        if (!text.Contains('%')) return text;
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (ByteAt(text, at) is { } lead) at += AppendDecoded(text, at, lead, anyContinuation, result);
            else if (WideUnitAt(text, at) is { } unit)
            {
                result.Append(unit);
                at += 6;
            }
            else result.Append(text[at++]);
        }

        return result.ToString();
    }

    // Overlong forms such as %c0%ae count as the '.' that they hide; with anyContinuation %c0%2e does too, as old servers decode it. Bytes that are
    // not UTF-8 count as Latin-1. Returns the number of characters consumed.
    private static int AppendDecoded(string text, int at, int lead, bool anyContinuation, StringBuilder result)
    {
        var more = lead switch { >= 0xFE => 0, >= 0xFC => 5, >= 0xF8 => 4, >= 0xF0 => 3, >= 0xE0 => 2, >= 0xC0 => 1, _ => 0 };
        var value = more == 0 ? lead : lead & (0x3F >> more);
        for (var i = 1; i <= more; i++)
        {
            if (ByteAt(text, at + 3 * i) is not { } next || !anyContinuation && (next & 0xC0) != 0x80)
            {
                value = -1;
                break;
            }

            value = (value << 6) | (next & 0x3F);
        }

        if (Rune.IsValid(value))
        {
            result.Append(new Rune(value));
            return 3 * (more + 1);
        }

        result.Append((char)lead);
        return 3;
    }

    private static int? ByteAt(string text, int at) =>
        at + 2 < text.Length && text[at] == '%' && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2])
            ? int.Parse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : null;

    // Matches %u002e, which some servers still decode.
    private static char? WideUnitAt(string text, int at)
    {
        if (at + 5 >= text.Length || text[at] != '%' || text[at + 1] is not ('u' or 'U')) return null;
        if (!ushort.TryParse(text.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)) return null;
        return char.IsSurrogate((char)unit) ? null : (char)unit;
    }
}
