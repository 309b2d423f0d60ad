using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NasSync.Templates;

/// <summary>
/// Recognizes names that NasSync uses itself for markers, part files, probes and folders. No copy may have one: a run would remove it as a leftover,
/// or would no longer recognize the place. Includes every spelling that some system treats as equal: other case, other normalization, invisible
/// characters, trailing characters that Windows drops, and FAT's short names.
/// </summary>
internal static partial class ReservedName
{
    /// <summary>The prefix of NasSync's own names.</summary>
    public const string Prefix = ".nassync-";

    /// <summary>The suffix of unfinished files.</summary>
    public const string PartSuffix = ".nassync-part";

    // Every reserved name contains these letters, even FAT's short form.
    private const string Letters = "nassy";

    /// <summary>The failure code.</summary>
    public const string Code = "ReservedName";

    /// <summary>The first component of a path that is reserved; null when none is.</summary>
    public static string? In(string path)
    {
        if (Ascii.IsValid(path) && !path.Contains(Letters, StringComparison.OrdinalIgnoreCase)) return null;
        return path.Split('/', '\\').FirstOrDefault(Is);
    }

    /// <summary>The first component of a template that is reserved whatever its placeholders expand to; null when none is.</summary>
    public static string? In(IEnumerable<Segment> segments) =>
        In(string.Concat(segments.Select(segment => segment is Literal literal ? literal.Text : "x")));

    private static bool Is(string name)
    {
        var folded = Folded(name);

        // On NTFS the text after a colon names a stream of the same file.
        var file = folded.Split(':')[0].TrimEnd('.', ' ');
        if (folded.StartsWith(Prefix, StringComparison.Ordinal) || file.EndsWith(PartSuffix, StringComparison.Ordinal)) return true;
        return ShortName().IsMatch(file);
    }

    private static string Folded(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control)) folded.Append(Plain(rune));
        return folded.ToString().ToLowerInvariant();
    }

    // Full-width forms are converted arithmetically: without ICU, .NET's Normalize changes nothing.
    private static string Plain(Rune rune) => rune.Value switch
    {
        < 0x80 => rune.ToString(),
        >= 0xFF01 and <= 0xFF5E => ((char)(rune.Value - 0xFEE0)).ToString(),
        _ => UnicodeText.ComposeCompatible(rune.ToString()),
    };

    // FAT's short name of .nassync-destination.
    [GeneratedRegex(@"^nassyn~[0-9]+(\.|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex ShortName();
}
