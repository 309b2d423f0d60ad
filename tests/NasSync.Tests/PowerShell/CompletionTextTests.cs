using NasSync.PowerShell.Completion;

namespace NasSync.Tests.PowerShell;

public sealed class CompletionTextTests
{
    [Theory]
    [InlineData("vault", "vault")]
    [InlineData("job_2026.01-14", "job_2026.01-14")]
    [InlineData("my vault", "'my vault'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("it’s", "'it’’s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("a\"b", "'a\"b'")]
    [InlineData("a`b", "'a`b'")]
    [InlineData("-Force", "'-Force'")]
    [InlineData("audio/*", "'audio/*'")]
    [InlineData("@(1)", "'@(1)'")]
    [InlineData("größe", "'größe'")]
    [InlineData("", "''")]
    public void A_name_becomes_an_argument_that_PowerShell_reads_back_as_the_name(string name, string argument) =>
        Assert.Equal(argument, CompletionText.Argument(name));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a*b?", "a`*b`?")]
    [InlineData("[live]", "`[live`]")]
    [InlineData("tick`", "tick``")]
    public void A_name_becomes_a_pattern_that_matches_only_it(string name, string pattern) => Assert.Equal(pattern, CompletionText.Pattern(name));

    [Theory]
    [InlineData(null, "")]
    [InlineData("va", "va")]
    [InlineData("'my va", "my va")]
    [InlineData("'my vault'", "my vault")]
    [InlineData("\"my va", "my va")]
    [InlineData("'it''s", "it's")]
    [InlineData("‘va", "va")]
    public void A_word_is_taken_without_the_quotes_it_was_begun_with(string? word, string typed) => Assert.Equal(typed, CompletionText.Typed(word));

    [Fact]
    public void Names_come_in_order_each_once_and_by_their_beginning() =>
        Assert.Equal(["attic", "Away"], CompletionText.Matching(["vault", "Away", "attic", "attic"], "'A"));
}
