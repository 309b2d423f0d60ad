using FsCheck;
using FsCheck.Fluent;

namespace NasSync.Tests.Support;

/// <summary>Random texts made of pieces that have broken path handling before.</summary>
internal static class NastyText
{
    private static readonly string[] Pieces =
    [
        "a", "B", "ß", "ﬁ", "é", "e\u0301", "\u0338", "👩‍👩‍👧", "🄀", ".", "..", "．", "‥", "…", "/", "／", "\\", "＼", "%2e", "%2F", "%252e",
        "%c0%ae", "%", ":", "C:", " ",
        "\u00a0", "\t", "\n", "\0", "\u001b", "\u202e", "\u200b", "\u2060", "⁄", "∕", "\ud800", "\udc00", "-", "~", "CON", "${artist}", "'", "\"",
        "*", "?", "<", "|",
    ];

    /// <summary>Up to some 300 pieces, mostly few.</summary>
    public static Arbitrary<string> Any { get; } = Arb.From(
        Gen.Frequency(
            (8, Gen.Choose(0, 8)),
            (1, Gen.Choose(50, 300)))
        .SelectMany(count => Gen.Elements(Pieces).ArrayOf(count))
        .Select(string.Concat));
}
