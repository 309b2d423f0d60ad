using System.Globalization;
using System.Text;

namespace NasSync.Routing;

/// <summary>
/// Makes names from people's metadata safe as one path component and changes nothing else. Removes what breaks paths everywhere (separators, control
/// characters, surrounding spaces, trailing dots, more than 255 bytes). Keeps what only some systems refuse (<c>CON</c>, <c>a:b</c>, <c>?</c>): that
/// is up to the destination.
/// </summary>
internal static class SafeName
{
    /// <summary>The longest component on common file systems, in UTF-8 bytes.</summary>
    public const int MaxBytes = 255;

    // The most UTF-8 bytes that one UTF-16 code unit takes.
    private const int MaxBytesOfUnit = 3;

    // A longer ending is part of a title ("Mr. Somebody goes to town"), not an extension.
    private const int LongestExtension = 20;

    /// <summary>
    /// Makes a placeholder's value safe as part of a component: no separator, no control character, valid Unicode. Null when nothing is left.
    /// </summary>
    public static string? Part(string? value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.AsSpan().Trim(" .").IsEmpty) return null;
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.AsSpan().ContainsAny('/', '\\')) return value;
        var safe = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
        {
            // EnumerateRunes replaces a lone surrogate with U+FFFD.
            var breaks = Rune.IsControl(rune) || rune.Value is '/' or '\\' or 0x2028 or 0x2029;
            safe.Append(breaks ? "_" : rune.ToString());
        }

        return safe.ToString();
    }

    /// <summary>Makes a whole component safe: trimmed, never <c>.</c> or <c>..</c> in any encoding, no drive, at most 255 bytes.</summary>
    /// <param name="text">The component, composed of literal text and <see cref="Part"/>s.</param>
    /// <param name="isFile">True keeps the extension when the name must be shortened.</param>
    public static string Component(string text, bool isFile)
    {
        var name = Trim(text);
        if (name.Length == 0) name = "unknown";
        if (name.Length * MaxBytesOfUnit <= MaxBytes) return Defuse(name);
        var extension = isFile ? Extension(name) : "";
        return Defuse(Fit(name[..^extension.Length], extension));
    }

    /// <summary>
    /// Returns the name unchanged unless it looks like a way out of its folder. <see cref="RelativePath"/> refuses names that a later reader could
    /// decode to <c>..</c>, and paths that begin like a drive; a song with such a title is no attack, so only these characters are replaced.
    /// </summary>
    public static string Defuse(string name)
    {
        if (RelativePath.TryParse(name, out _, out _)) return name;
        var safe = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var isDrive = rune.Value == ':' && safe.Length == 1;
            safe.Append(isDrive || MayDecode(rune) ? "_" : rune.ToString());
        }

        return safe.ToString();
    }

    // Escape characters, invisible characters, and every look-alike of a dot or a slash.
    private static bool MayDecode(Rune rune)
    {
        if (rune.IsAscii) return rune.Value == '%' || Rune.IsControl(rune);
        if (UnicodeText.ComposeCompatible(rune.ToString()).AsSpan().ContainsAny("./\\%")) return true;
        return !Rune.IsLetterOrDigit(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.OtherNumber or UnicodeCategory.OtherSymbol);
    }

    /// <summary>Joins a stem and an ending; shortens only the stem, so that both take at most 255 bytes.</summary>
    public static string Fit(string stem, string end)
    {
        var room = MaxBytes - Encoding.UTF8.GetByteCount(end);
        if (Encoding.UTF8.GetByteCount(stem) <= room) return stem + end;
        return TrimEnd(Cut(stem, room)) + end;
    }

    /// <summary>The longest beginning within a number of UTF-8 bytes that does not split a character or a grapheme cluster.</summary>
    public static string Cut(string text, int maxBytes)
    {
        var length = 0;
        var bytes = 0;
        while (length < text.Length)
        {
            var next = StringInfo.GetNextTextElementLength(text, length);
            var size = Encoding.UTF8.GetByteCount(text.AsSpan(length, next));
            if (bytes + size > maxBytes) break;
            length += next;
            bytes += size;
        }

        return length > 0 || text.Length == 0 ? text[..length] : CutRunes(text, maxBytes);
    }

    /// <summary>The extension of a file name, with the dot; empty when there is none.</summary>
    public static string Extension(string fileName)
    {
        var dot = fileName.LastIndexOf('.');
        return dot > 0 && dot < fileName.Length - 1 && fileName.Length - dot <= LongestExtension && !fileName.AsSpan(dot).Contains(' ')
            ? fileName[dot..]
            : "";
    }

    private static string Trim(string text) => TrimEnd(text).TrimStart();

    // Some systems do not return a name like "Song. ." as it was stored.
    private static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && (text[end - 1] == '.' || char.IsWhiteSpace(text[end - 1]))) end--;
        return text[..end];
    }

    // A grapheme cluster can contain any number of combining marks; one that is too long is cut between two of them.
    private static string CutRunes(string text, int maxBytes)
    {
        var length = 0;
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > maxBytes) break;
            length += rune.Utf16SequenceLength;
            bytes += rune.Utf8SequenceLength;
        }

        return text[..length];
    }
}
