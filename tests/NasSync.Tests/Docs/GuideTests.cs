using System.Text.RegularExpressions;
using NasSync.Config;
using NasSync.Failures;
using NasSync.Service;
using NasSync.Tests.Support;

namespace NasSync.Tests.Docs;

/// <summary>What the pages show must be what the program takes: configurations, command lines, links, codes.</summary>
public sealed partial class GuideTests
{
    private static readonly string[] Pages =
    [
        .. new[] { "README.md", "CONTRIBUTING.md" }
            .Concat(Directory.GetFiles(Repository.At("docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Order(StringComparer.Ordinal)),
    ];

    private static readonly string[] GuidePages =
        [.. Pages.Where(page => page.StartsWith("docs/guide-", StringComparison.Ordinal) || page == "docs/troubleshooting.md")];

    public static IEnumerable<object[]> AllPages => Pages.Select(page => new object[] { page });

    public static IEnumerable<object[]> Guides => GuidePages.Select(page => new object[] { page });

    [Theory]
    [MemberData(nameof(AllPages))]
    public void A_configuration_on_a_page_has_no_mistake(string page)
    {
        using var folder = new TempFolder();
        foreach (var example in Blocks(page, "yaml").Where(block => block.StartsWith("nasSync:", StringComparison.Ordinal)))
        {
            var sources = new ConfigSources
            {
                FilePath = folder.Write("nas-sync.yaml", example),
                Environment = new Dictionary<string, string> { ["HOME"] = "/home/someone" },
                CurrentFolder = "/",
            };
            Assert.Empty(ConfigLoader.Load(sources).Problems);
        }
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void A_command_line_on_a_page_is_one_that_is_understood(string page) =>
        Assert.Equal(
            [],
            CommandLines(page).Where(words => Mistake(words) is not null).Select(words => $"nassync {string.Join(' ', words)}: {Mistake(words)}"));

    [Fact]
    public void There_are_command_lines_on_the_pages_and_wrong_ones_are_seen()
    {
        Assert.True(Pages.Sum(page => CommandLines(page).Count()) > 50, "too few command lines were found to be all of them");
        Assert.NotNull(Mistake("sync", "--dryrun"));
        Assert.NotNull(Mistake("snyc"));
        Assert.NotNull(Mistake("verify", "--sample"));
        Assert.Null(Mistake("verify", "--sample", "5%"));
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void A_link_on_a_page_leads_to_a_page_and_to_a_heading(string page) => Assert.Equal([], Links(page).Where(link => !Leads(page, link)));

    [Theory]
    [MemberData(nameof(Guides))]
    public void A_guide_is_at_most_a_page_long(string page) => Assert.InRange(File.ReadLines(Repository.At(page)).Count(), 20, 140);

    [Fact]
    public void Every_code_in_troubleshooting_stands_in_the_table()
    {
        var codes = FailureTable.Failures.Concat(FailureTable.Notices).Select(row => row.Code).ToHashSet();
        var named = CodeInBrackets().Matches(Text("docs/troubleshooting.md")).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 15, "too few codes were found to be all of them");
        Assert.Equal([], named.Except(codes));
    }

    [Fact]
    public void Every_guide_is_on_the_first_page() =>
        Assert.Equal([], GuidePages.Where(page => !Text("README.md").Contains($"({page})", StringComparison.Ordinal)));

    private static string Text(string page) => File.ReadAllText(Repository.At(page)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Blocks(string page, string language) =>
        Regex.Matches(Text(page), $@"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value);

    // From sh blocks, and from between backticks. Words such as PATH stand for something, and are words; a synopsis with […] is none.
    private static IEnumerable<string[]> CommandLines(string page) =>
        from text in Blocks(page, "sh")
            .SelectMany(block => block.Split('\n'))
            .Concat(Inline().Matches(Fenced().Replace(Text(page), "")).Select(match => match.Groups[1].Value))
        from Match command in Command().Matches(text)
        let words = Words().Matches(command.Groups[1].Value).Select(word =>
            word.Value).TakeWhile(word => !Ends().IsMatch(word)).Select(word => word.Trim('\'', '"')).ToArray()
        // In a sentence `nassync retry` names the command; to run it asks for more.
        where words is not ["retry"]
            && !words.Any(word => word.Contains('…', StringComparison.Ordinal) || word[0] == '[' || word.Contains('|', StringComparison.Ordinal))
        select words;

    private static string? Mistake(params string[] words)
    {
        using var cli = new Cli();
        return NassyncApp.Mistake(words, cli.Shell);
    }

    private static IEnumerable<string> Links(string page) => Link().Matches(Fenced().Replace(Text(page), "")).Select(match => match.Groups[1].Value);

    private static bool Leads(string page, string link)
    {
        var (file, heading) = link.Split('#') is [var path, var anchor] ? (path, anchor) : (link, null);
        var target = file.Length == 0 ? Repository.At(page) : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.At(page))!, file));
        if (!Path.Exists(target)) return false;
        return heading is null
            || Heading().Matches(Fenced().Replace(File.ReadAllText(target), "")).Any(match => Anchor(match.Groups[1].Value) == heading);
    }

    // As GitHub makes them: lower case, without punctuation, a hyphen for each space.
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"`([^`\n]*\bnassync [^`\n]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"(?<![\w/.-]|-[tu] )nassync (?!nassync )(\S.*)$")]
    private static partial Regex Command();

    // What ends a command in a shell, or begins a comment there.
    [GeneratedRegex(@"^(\||&|;|#|>|2>)")]
    private static partial Regex Ends();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"[\[`]([A-Z][a-z]+(?:[A-Z][A-Za-z]+)+)[\]`]")]
    private static partial Regex CodeInBrackets();
}
