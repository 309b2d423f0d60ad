using System.Text.RegularExpressions;
using NasSync.Failures;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

/// <summary>Each host's hints name its own commands.</summary>
public sealed partial class HostWordsTests
{
    [Fact]
    public void No_cure_in_the_table_names_a_command_that_the_module_has_no_word_for() =>
        Assert.All(
            FailureTable.Failures.Concat(FailureTable.Notices),
            row => Assert.DoesNotContain("nassync ", HostWords.ForPowerShell(row.Cure), StringComparison.Ordinal));

    [Fact]
    public void The_pages_of_errors_name_the_words_of_both_hosts() =>
        Assert.All(
            from row in FailureTable.Failures.Concat(FailureTable.Notices)
            from words in HostWords.Table.Where(words => Regex.IsMatch(row.Cure, $@"\b{words.Program}\b")).Take(1)
            select (row.Cure, Cmdlet: words.Cmdlet.Split(' ')[0]),
            one => Assert.Contains(one.Cmdlet, one.Cure, StringComparison.Ordinal));

    [Fact]
    public void No_text_of_the_core_names_a_command_that_the_module_has_no_word_for()
    {
        // What the program alone writes: its templates, its own names in a database, and what the setting daemonMode means.
        string[] others = ["ConfigTemplate.cs", "SettingDocs.cs", "PostgresLock.cs", "PostgresSource.cs", "PostgresDialect.cs", "HostWords.cs"];
        var texts = (from source in Repository.Sources("src/NasSync.Core")
                     where !others.Contains(Path.GetFileName(source.Path))
                     from line in source.Lines
                     where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
                     from text in Text().Matches(line).Select(match => match.Value)
                     where text.Contains("nassync ", StringComparison.Ordinal)
                     select text).ToList();
        Assert.True(texts.Count >= 8);
        Assert.All(texts, text => Assert.DoesNotContain("nassync ", HostWords.ForPowerShell(text.Trim('"')), StringComparison.Ordinal));
    }

    [Fact]
    public void No_text_of_the_core_names_a_cmdlet()
    {
        string[] others = ["FailureTable.cs", "HostWords.cs", "SyncScript.cs"];
        Assert.All(
            from source in Repository.Sources("src/NasSync.Core")
            where !others.Contains(Path.GetFileName(source.Path))
            from line in source.Lines
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from text in Text().Matches(line).Select(match => match.Value)
            select text,
            text => Assert.DoesNotMatch(@"\b[A-Z][a-z]+-(Artifact)?Sync", text));
    }

    [Fact]
    public void Every_word_of_the_module_is_a_cmdlet_that_exists()
    {
        var known = CmdletShape.All.Select(cmdlet => cmdlet.Name).ToHashSet();
        Assert.All(
            HostWords.Table,
            row => Assert.All(Cmdlet().Matches(row.Cmdlet).Select(match => match.Value), name => Assert.Contains(name, known)));
    }

    [Theory]
    [InlineData("Run: nassync source accept", "Run: Approve-SyncSource")]
    [InlineData("run: nassync destination accept '/mnt/nassync plan'", "run: Approve-SyncDestination '/mnt/nassync plan'")]
    [InlineData("write one with 'nassync config init'.", "write one with 'New-SyncConfig'.")]
    [InlineData("nassync status --failed, nassync sync", "Get-SyncFailure, Invoke-ArtifactSync")]
    [InlineData("nassync synced it", "nassync synced it")]
    [InlineData("See /etc/nassync status", "See /etc/nassync status")]
    public void Commands_become_cmdlets_and_paths_stay(string text, string expected) => Assert.Equal(expected, HostWords.ForPowerShell(text));

    [Theory]
    [InlineData("Run: nassync source accept", "Run: nassync --config c.yaml source accept")]
    [InlineData(
        "nassync verify --plan FILE, then: nassync sync --repair FILE",
        "nassync --config c.yaml verify --plan FILE, then: nassync --config c.yaml sync --repair FILE")]
    [InlineData("run: nassync config check --config other.yaml", "run: nassync config check --config other.yaml")]
    [InlineData("nassync --config c.yaml sync", "nassync --config c.yaml sync")]
    [InlineData(
        "accept '/mnt/nassync plan'; See /etc/nassync status, nassync synced it",
        "accept '/mnt/nassync plan'; See /etc/nassync status, nassync synced it")]
    public void Commands_carry_the_configuration_and_paths_stay(string text, string expected)
    {
        Assert.Equal(expected, HostWords.WithConfig(text, "c.yaml"));
        Assert.Equal(expected, HostWords.WithConfig(expected, "c.yaml"));
    }

    [Fact]
    public void A_configuration_whose_name_reads_like_a_command_is_carried_once()
    {
        const string file = "'/tmp/media for nassync sync.yaml'";
        var carried = HostWords.WithConfig("Run: nassync source accept, then: nassync sync", file);
        Assert.Equal($"Run: nassync --config {file} source accept, then: nassync --config {file} sync", carried);
        Assert.Equal(carried, HostWords.WithConfig(carried, file));
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Text();

    [GeneratedRegex("[A-Z][a-z]+-[A-Za-z]+")]
    private static partial Regex Cmdlet();
}
