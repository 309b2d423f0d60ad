using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NasSync.Templates;

/// <summary>
/// Which names are NasSync's own: those of its markers, part files, probes and folders. No copy may take one, since a run would remove it as a
/// leftover, or would not know the place again. A name counts as ours in every spelling that some system takes for the same: other case, other
/// normalization, with letters that do not show, with what Windows leaves out at the end, and in the short form of FAT.
/// </summary>
internal static partial class ReservedName
{
    /// <summary>What our names begin with.</summary>
    public const string Prefix = ".nassync-";

    /// <summary>What the names of unfinished files end with.</summary>
    public const string PartSuffix = ".nassync-part";

    // Every name of ours has these letters, also the short one.
    private const string Letters = "nassy";

    /// <summary>The code of the failure.</summary>
    public const string Code = "ReservedName";

    /// <summary>The first component of a path that is a name of ours; null when none is.</summary>
    public static string? In(string path)
    {
        if (Ascii.IsValid(path) && !path.Contains(Letters, StringComparison.OrdinalIgnoreCase)) return null;
        return path.Split('/', '\\').FirstOrDefault(Is);
    }

    /// <summary>The first component of a template's path that is a name of ours whatever fills its gaps; null when none is.</summary>
    public static string? In(IEnumerable<Segment> segments) =>
        In(string.Concat(segments.Select(segment => segment is Literal literal ? literal.Text : "x")));

    private static bool Is(string name)
    {
        var folded = Folded(name);

        // On NTFS what follows a colon names a stream of the same file.
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

    // The full-width forms by counting: where .NET runs without ICU, Normalize leaves everything as it is.
    private static string Plain(Rune rune) => rune.Value switch
    {
        < 0x80 => rune.ToString(),
        >= 0xFF01 and <= 0xFF5E => ((char)(rune.Value - 0xFEE0)).ToString(),
        _ => UnicodeText.ComposeCompatible(rune.ToString()),
    };

    // FAT gives .nassync-destination this name too.
    [GeneratedRegex(@"^nassyn~[0-9]+(\.|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex ShortName();
}
