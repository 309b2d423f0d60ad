using System.Globalization;
using System.Text;

namespace NasSync.Service.Output;

/// <summary>The width of text in terminal columns: most characters take one, East Asian wide ones and emoji two, combining ones none.</summary>
internal static class Cells
{
    // First and last code points of the blocks that terminals draw two columns wide (by block of Unicode's East_Asian_Width W and F).
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
        (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x1FA70, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>The columns that a text takes.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    /// <summary>Pads a text with blanks to a width; longer text stays as it is.</summary>
    public static string Pad(string text, int width, bool right = false)
    {
        var blanks = width - Width(text);
        if (blanks <= 0) return text;
        return right ? new string(' ', blanks) + text : text + new string(' ', blanks);
    }

    /// <summary>Replaces the middle of a text with <c>…</c> so that it fits: the start of a path and the file name say the most.</summary>
    public static string Shorten(string text, int width)
    {
        if (Width(text) <= width) return text;
        if (width <= 1) return "…";
        var runes = text.EnumerateRunes().ToArray();
        var (head, tail) = (new StringBuilder(), new List<Rune>());
        var (headRoom, tailRoom) = ((width - 1) / 2, width - 1 - ((width - 1) / 2));
        foreach (var rune in runes)
        {
            if ((headRoom -= Width(rune)) < 0) break;
            head.Append(rune.ToString());
        }

        for (var i = runes.Length - 1; i >= 0 && (tailRoom -= Width(runes[i])) >= 0; i--) tail.Add(runes[i]);
        tail.Reverse();
        head.Append('…');
        foreach (var rune in tail) head.Append(rune.ToString());
        return head.ToString();
    }

    private static int Width(Rune rune)
    {
        var value = rune.Value;
        if (value < 0x300) return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) return 0;
        foreach (var (first, last) in Wide)
        {
            if (value < first) return 1;
            if (value <= last) return 2;
        }

        return 1;
    }
}
