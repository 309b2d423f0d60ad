using System.Globalization;
using System.Text;
using NasSync.Tests.Support;

namespace NasSync.Tests.Vocabulary;

/// <summary>Our own normalization beside that of ICU, which these tests run with.</summary>
public sealed class UnicodeTextTests
{
    // Letters and marks that came with Unicode 16 and 17, while our table stays at 15; the machine's ICU may know them or not.
    private static readonly (int First, int Last)[] Later =
    [
        (0x897, 0x897), (0x1ACF, 0x1AFF), (0xA7CB, 0xA7F1), (0x105C0, 0x105FF), (0x10D69, 0x10D6D), (0x10EFA, 0x10EFB), (0x11380, 0x113FF),
        (0x16100, 0x1613F), (0x16D40, 0x16D7F), (0x1CCD6, 0x1CCF9), (0x1E5EE, 0x1E5EF), (0x1E6C0, 0x1E6FF),
    ];

    private static IEnumerable<int> CodePoints => Enumerable.Range(0, 0x110000)
        .Where(code => code is < 0xD800 or > 0xDFFF && (code & 0xFFFE) != 0xFFFE && !Later.Any(block => code >= block.First && code <= block.Last));

    [Fact]
    public void Every_character_alone_and_between_others_is_as_ICU_has_it()
    {
        List<string> wrong = [];
        foreach (var code in CodePoints)
        {
            var text = char.ConvertFromUtf32(code);
            Compare(text, wrong);
            Compare($"e\u0301{text}\u0323\u0301", wrong);
        }

        Assert.Empty(wrong.Take(20));
    }

    [Fact]
    public void Every_sequence_of_characters_that_change_is_as_ICU_has_it()
    {
        var changing = CodePoints.Where(code => char.ConvertFromUtf32(code) is var text
            && (!text.IsNormalized(NormalizationForm.FormKD) || CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.NonSpacingMark)
            || code is >= 0x1100 and <= 0x11FF or >= 'A' and <= 'Z').Select(char.ConvertFromUtf32).ToArray();
        var random = new Random(20260114);
        List<string> wrong = [];
        for (var i = 0; i < 100_000; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(2, 7); length > 0; length--) text.Append(changing[random.Next(changing.Length)]);
            Compare(text.ToString(), wrong);
        }

        Assert.Empty(wrong.Take(20));
    }

    [Theory]
    [InlineData("\u017Fong", "SONG")]
    [InlineData("cafe\u0301", "CAF\u00C9")]
    [InlineData("stra\u00DFe", "STRA\u00DFE")]
    [InlineData("\u0131", "\u0131")]
    [InlineData("half \uD83D", "HALF \uD83D")]
    public void Case_is_folded_the_same_with_ICU_and_without(string name, string folded) => Assert.Equal(folded, UnicodeText.Fold(name));

    [Fact]
    public void Nobody_asks_the_framework_to_normalize() => Assert.Empty(
        from source in Repository.Sources("src")
        from line in source.Lines
        where line.Contains(".Normalize(", StringComparison.Ordinal) || line.Contains(".IsNormalized(", StringComparison.Ordinal)
        select source.Path);

    private static void Compare(string text, List<string> wrong)
    {
        if (UnicodeText.Compose(text) != text.Normalize(NormalizationForm.FormC))
            wrong.Add($"C {Shown(text)}: {Shown(UnicodeText.Compose(text))}, not {Shown(text.Normalize())}");
        if (UnicodeText.ComposeCompatible(text) != text.Normalize(NormalizationForm.FormKC))
            wrong.Add($"KC {Shown(text)}: {Shown(UnicodeText.ComposeCompatible(text))}");
    }

    private static string Shown(string text) =>
        string.Join(' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X4", CultureInfo.InvariantCulture)));
}
