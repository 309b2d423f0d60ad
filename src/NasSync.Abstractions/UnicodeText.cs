using System.Globalization;
using System.Text;

namespace NasSync;

/// <summary>
/// Unicode normalization and case folding of names by a table of our own. The framework needs the system's ICU library, leaves names unchanged
/// without it, and depends on its Unicode version. Names must be equal on every machine, because the ledger stores them.
/// </summary>
internal static class UnicodeText
{
    private const int HangulSyllables = 0xAC00, HangulLeads = 0x1100, HangulVowels = 0x1161, HangulTails = 0x11A7;
    private const int VowelCount = 21, TailCount = 28, SyllableCount = 11172, LeadCount = SyllableCount / VowelCount / TailCount;

    // Characters below these have no composition or compatibility mapping and are not combining.
    private const char FirstComposed = '\u0300', FirstCompatible = '\u00A0';

    private static readonly Lazy<Tables> Data = new(Read);

    /// <summary>The composed form (NFC), which unifies canonically equivalent texts.</summary>
    public static string Compose(string text) =>
        text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstComposed - 1)) ? Normalize(text, compatible: false) : text;

    /// <summary>The compatibility composed form (NFKC), which also unifies mere variants of presentation.</summary>
    public static string ComposeCompatible(string text) =>
        text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstCompatible - 1)) ? Normalize(text, compatible: true) : text;

    /// <summary>A form that is equal for names that differ only in case or normalization.</summary>
    public static string Fold(string text)
    {
        // The upper case of the long s depends on whether the framework found ICU.
        const char longS = '\u017F';
        return Compose(text).ToUpperInvariant().Replace(longS, 'S');
    }

    private static string Normalize(string text, bool compatible)
    {
        var runes = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            // A lone surrogate is not a character and stays unchanged.
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            Decompose(isPair ? char.ConvertToUtf32(text[i], text[++i]) : text[i], compatible, runes);
        }

        Order(runes);
        Compose(runes);
        var composed = new StringBuilder(text.Length);
        foreach (var rune in runes)
        {
            if (rune > char.MaxValue) composed.Append(char.ConvertFromUtf32(rune));
            else composed.Append((char)rune);
        }

        return composed.ToString();
    }

    private static void Decompose(int rune, bool compatible, List<int> into)
    {
        var syllable = rune - HangulSyllables;
        if (syllable is >= 0 and < SyllableCount)
        {
            into.Add(HangulLeads + (syllable / (VowelCount * TailCount)));
            into.Add(HangulVowels + (syllable / TailCount % VowelCount));
            if (syllable % TailCount > 0) into.Add(HangulTails + (syllable % TailCount));
        }
        else if (Data.Value.Parts.TryGetValue(rune, out var parts) || (compatible && Data.Value.CompatibleParts.TryGetValue(rune, out parts)))
        {
            foreach (var part in parts) Decompose(part, compatible, into);
        }
        else
        {
            into.Add(rune);
        }
    }

    // Sorts combining marks by their class (canonical ordering); marks of the same class keep their order.
    private static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            var (rune, at) = (runes[i], i);
            var its = ClassOf(rune);
            if (its == 0) continue;
            for (; at > 0 && ClassOf(runes[at - 1]) > its; at--) runes[at] = runes[at - 1];
            runes[at] = rune;
        }
    }

    private static void Compose(List<int> runes)
    {
        var (letter, lastClass, kept) = (-1, 0, 0);
        for (var i = 0; i < runes.Count; i++)
        {
            var rune = runes[i];
            var its = ClassOf(rune);

            // A preceding mark of the same class blocks a mark from composing with its base letter.
            var isFree = letter >= 0 && (kept == letter + 1 || (lastClass < its && lastClass != 0));
            if (isFree && Pair(runes[letter], rune) is { } pair)
            {
                runes[letter] = pair;
                continue;
            }

            if (its == 0) letter = kept;
            lastClass = its;
            runes[kept++] = rune;
        }

        runes.RemoveRange(kept, runes.Count - kept);
    }

    private static int? Pair(int first, int second)
    {
        var (lead, vowel) = (first - HangulLeads, second - HangulVowels);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount) return HangulSyllables + (((lead * VowelCount) + vowel) * TailCount);
        var (syllable, tail) = (first - HangulSyllables, second - HangulTails);
        if (syllable is >= 0 and < SyllableCount && syllable % TailCount == 0 && tail is > 0 and < TailCount) return first + tail;
        return Data.Value.Pairs.TryGetValue((first, second), out var pair) ? pair : null;
    }

    private static int ClassOf(int rune) => rune < FirstComposed ? 0 : Data.Value.Classes.GetValueOrDefault(rune);

    private static Tables Read()
    {
        const string name = "NasSync.normalization.txt";
        var tables = new Tables([], [], [], []);
        using var reader = new StreamReader(typeof(UnicodeText).Assembly.GetManifestResourceStream(name)!);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#') continue;
            var words = line.Split(' ');
            if (words[0] == "*")
            {
                for (var rune = Hex(words[1]); rune <= Hex(words[2]); rune++)
                    tables.Classes.Add(rune, byte.Parse(words[3], CultureInfo.InvariantCulture));
                continue;
            }

            int[] parts = [.. words.Skip(2).Select(Hex)];
            (words[0] == "~" ? tables.CompatibleParts : tables.Parts).Add(Hex(words[1]), parts);
            if (words[0] == "=") tables.Pairs.Add((parts[0], parts[1]), Hex(words[1]));
        }

        return tables;
    }

    private static int Hex(string word) => int.Parse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(
        Dictionary<int, int[]> Parts, Dictionary<int, int[]> CompatibleParts, Dictionary<(int, int), int> Pairs, Dictionary<int, byte> Classes);
}
