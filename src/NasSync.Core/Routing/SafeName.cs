using System.Globalization;
using System.Text;

namespace NasSync.Routing;

/// <summary>
/// Makes names that come from people's metadata safe as one component of a path, and changes nothing else: what breaks paths everywhere
/// goes (separators, control characters, spaces at either end, dots at the end, more than 255 bytes), what only some systems refuse
/// (<c>CON</c>, <c>a:b</c>, <c>?</c>) stays, because that is the destination's matter.
/// </summary>
internal static class SafeName
{
    /// <summary>The longest component that common file systems take, in UTF-8 bytes.</summary>
    public const int MaxBytes = 255;

    // What a UTF-16 unit takes at most in UTF-8.
    private const int MaxBytesOfUnit = 3;

    // Longer ends than this are part of a title ("Mr. Somebody goes to town"), not an extension.
    private const int LongestExtension = 20;

    /// <summary>A placeholder's value as part of a component: no separator, no control character, valid Unicode; null when nothing is left.</summary>
    public static string? Part(string? value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.AsSpan().Trim(" .").IsEmpty) return null;
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.AsSpan().ContainsAny('/', '\\')) return value;
        var safe = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD.
            var breaks = Rune.IsControl(rune) || rune.Value is '/' or '\\' or 0x2028 or 0x2029;
            safe.Append(breaks ? "_" : rune.ToString());
        }

        return safe.ToString();
    }

    /// <summary>A whole component: trimmed, never <c>.</c> or <c>..</c> in any encoding, no drive, at most 255 bytes.</summary>
    /// <param name="text">The component, made of literal text and <see cref="Part"/>s.</param>
    /// <param name="isFile">True keeps the extension when the name must be cut.</param>
    public static string Component(string text, bool isFile)
    {
        var name = Trim(text);
        if (name.Length == 0) name = "unknown";
        if (name.Length * MaxBytesOfUnit <= MaxBytes) return Defuse(name);
        var extension = isFile ? Extension(name) : "";
        return Defuse(Fit(name[..^extension.Length], extension));
    }

    /// <summary>
    /// The name as it is, unless it could be taken for a way out of its folder. <see cref="RelativePath"/> refuses what a later reader could
    /// decode to <c>..</c>, and a path that begins like a drive; a song with such a title is no attack, so it only loses those characters.
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

    // Escapes, what does not show, and every look-alike of a dot or a slash.
    private static bool MayDecode(Rune rune)
    {
        if (rune.IsAscii) return rune.Value == '%' || Rune.IsControl(rune);
        if (UnicodeText.ComposeCompatible(rune.ToString()).AsSpan().ContainsAny("./\\%")) return true;
        return !Rune.IsLetterOrDigit(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.OtherNumber or UnicodeCategory.OtherSymbol);
    }

    /// <summary>A name without its extension, shortened so that it and the end, which is kept whole, take at most 255 bytes.</summary>
    public static string Fit(string stem, string end)
    {
        var room = MaxBytes - Encoding.UTF8.GetByteCount(end);
        if (Encoding.UTF8.GetByteCount(stem) <= room) return stem + end;
        return TrimEnd(Cut(stem, room)) + end;
    }

    /// <summary>The longest beginning of at most that many UTF-8 bytes that cuts no character, nor what people see as one, in two.</summary>
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

    /// <summary>The end of a file name that tells its type, with the dot; empty when it has none.</summary>
    public static string Extension(string fileName)
    {
        var dot = fileName.LastIndexOf('.');
        return dot > 0 && dot < fileName.Length - 1 && fileName.Length - dot <= LongestExtension && !fileName.AsSpan(dot).Contains(' ')
            ? fileName[dot..]
            : "";
    }

    private static string Trim(string text) => TrimEnd(text).TrimStart();

    // Not every system gives "Song. ." back as it was stored.
    private static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && (text[end - 1] == '.' || char.IsWhiteSpace(text[end - 1]))) end--;
        return text[..end];
    }

    // One visible character can hold any number of combining marks; then it is cut between two of them.
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
