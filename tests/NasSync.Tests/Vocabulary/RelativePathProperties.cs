using FsCheck;
using FsCheck.Fluent;
using NasSync.Tests.Support;

namespace NasSync.Tests.Vocabulary;

public sealed class RelativePathProperties
{
    private static readonly string Root = Path.GetFullPath("/srv/jobs/job_1");

    // Random text seldom looks like a path; these pieces make traversals, encodings and odd names meet.
    private static readonly string[] Pieces =
    [
        "/", "/", "\\", ".", ".", "..", "...", " ", "a", "b.m4a", ":", "C:", "%", "%2e", "%2f", "%5c", "%25", "%c0", "%ae", "%c0%ae", "%u002e", "．",
        "‥", "／", "∕",
        "\u200b", "\0", "\n", "~", "é", "e\u0301", "🎵", "\ud83c", "-", "%e0%80", "２", "ｅ", "％",
    ];

    private static readonly Arbitrary<string> Paths =
        Gen.OneOf(
            Gen.Elements(Pieces).ListOf().Select(string.Concat),
            Gen.Elements(Pieces.Where(piece => piece.IndexOfAny(['\\', '/', '\0', '\ud83c']) < 0).ToArray()).NonEmptyListOf().Select(string.Concat)
                .NonEmptyListOf().Select(components => string.Join('/', components)),
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""))
        .ToArbitrary();

    [Fact]
    public void An_accepted_path_stays_below_its_root() => Check(path =>
    {
        var full = Path.GetFullPath(Path.Combine(Root, path.Value));
        return full.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && full.Length > Root.Length + 1;
    });

    [Fact]
    public void An_accepted_path_stays_below_its_root_once_a_server_decodes_it() => Check(path =>
    {
        var full = Path.GetFullPath(Root + "/" + Uri.UnescapeDataString(path.Value).Replace("\0", "", StringComparison.Ordinal));
        return full.StartsWith(Root + "/", StringComparison.Ordinal);
    });

    [Fact]
    public void An_accepted_path_stays_below_its_root_once_it_is_normalized() => Check(path =>
        Path.GetFullPath(Root + "/" + path.Value.Normalize(System.Text.NormalizationForm.FormKC)).StartsWith(Root + "/", StringComparison.Ordinal));

    [Fact]
    public void Parsing_the_value_gives_the_same_path() => Check(path =>
        RelativePath.Parse(path.Value) == path && (path.Parent is null || RelativePath.Parse(path.Parent.Value) == path.Parent)
        && path.Name + path.Extension == path.FileName);

    [Fact]
    public void Whatever_is_given_there_is_a_path_or_a_problem_and_never_an_exception() =>
        Prop.ForAll(Paths, text => RelativePath.TryParse(text, out var path, out var problem, out var escapes)
            ? path.Value == text && problem is null && !escapes
            : path is null && problem.StartsWith("path ", StringComparison.Ordinal)).Check(SameEachTime.Tries(3000));

    [Fact]
    public void Two_accepted_paths_combine_below_the_root() =>
        Prop.ForAll(Accepted(), Accepted(), (one, other) =>
            Path.GetFullPath(Path.Combine(Root, one.Combine(other).Value)).StartsWith(Path.Combine(Root, one.Value) + "/", StringComparison.Ordinal))
        .QuickCheckThrowOnFailure();

    private static void Check(Func<RelativePath, bool> holds) => Prop.ForAll(Accepted(), holds).Check(SameEachTime.Tries(2000));

    private static Arbitrary<RelativePath> Accepted() =>
        Paths.Generator.Where(text => RelativePath.TryParse(text, out _, out _)).Select(RelativePath.Parse).ToArbitrary();
}
