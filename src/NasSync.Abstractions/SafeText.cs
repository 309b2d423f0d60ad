using System.Globalization;
using System.Text;

namespace NasSync;

/// <summary>
/// Makes foreign text safe to show. A file name may contain a newline, an escape sequence or a bidi override; shown raw, it could forge a line of the
/// table or control the terminal, so each such character is escaped.
/// </summary>
public static class SafeText
{
    /// <summary>The text with every unprintable character escaped: <c>\n</c>, <c>\t</c>, <c>\u001b</c>.</summary>
    public static string Show(string text)
    {
        var first = 0;
        while (first < text.Length && !MustEscape(text, first)) first++;
        if (first == text.Length) return text;

        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        for (var i = first; i < text.Length; i++)
        {
            if (MustEscape(text, i)) shown.Append(Escape(text[i]));
            else shown.Append(text[i]);
        }

        return shown.ToString();
    }

    private static string Escape(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
    };

    private static bool MustEscape(string text, int at)
    {
        var c = text[at];
        if (c < 0x7F) return c < ' ';
        if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') return true;
        if (c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')) return true;
        if (char.IsHighSurrogate(c)) return at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]);
        return char.IsLowSurrogate(c) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));
    }
}
