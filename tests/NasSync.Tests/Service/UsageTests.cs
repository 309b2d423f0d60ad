using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class UsageTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("snyc", "'snyc' is no command of nassync; did you mean 'sync'?\nSee: nassync --help\n")]
    [InlineData("frobnicate", "'frobnicate' is no command of nassync; known are sync, watch, plan,")]
    [InlineData("confg check", "did you mean 'config'?")]
    [InlineData("config shwo", "'shwo' is no command of nassync config; did you mean 'show'?\nSee: nassync config --help\n")]
    [InlineData("sync --frobnicate", "'--frobnicate' is no option of nassync sync; a path that begins so is written ./--frobnicate\n")]
    [InlineData("sync --confg x", "'--confg' is no option of nassync sync; did you mean '--config'?\nSee: nassync sync --help\n")]
    [InlineData("status --faild", "'--faild' is no option of nassync status; did you mean '--failed'?")]
    [InlineData("verify --smaple=5%", "'--smaple=…' is no option of nassync verify; did you mean '--sample'?")]
    [InlineData("config --jsno", "'--jsno' is no option of nassync config; did you mean '--json'?")]
    [InlineData("sync --transfers 0", "from 1 to 64")]
    [InlineData("sync --transfers 65", "from 1 to 64")]
    [InlineData("sync --transfers many", "many")]
    [InlineData("sync --log-level loud", "debug, info, warning, error")]
    [InlineData("plan --dry-run", "--dry-run")]
    [InlineData("config", "See: nassync config --help")]
    [InlineData("config frob", "frob")]
    [InlineData("status --job", "--job")]
    [InlineData("sync --config", "--config")]
    public async Task Wrong_words_exit_with_2_and_say_which_on_standard_error(string words, string said)
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains(said, _cli.Error);
        Assert.Empty(_cli.Out);
    }

    [Theory]
    [InlineData("snyc", "finished")]
    [InlineData("sync --frobnicate", "finished")]
    [InlineData("sync --transfers 0", "finished")]
    [InlineData("retry", "finished")]
    [InlineData("retry --forget", "finished")]
    [InlineData("verify --sample many", "verified")]
    [InlineData("destination test", "tested")]
    public async Task Wrong_words_are_JSON_lines_too_and_the_last_one_has_the_exit_code(string words, string last)
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync([.. words.Split(' '), "--json"]));
        Assert.Equal(["failed", last], _cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("CommandInvalid", _cli.Json[0].GetProperty("code").GetString());
        Assert.Equal(2, _cli.Json[1].GetProperty("exitCode").GetInt32());
        Assert.NotEmpty(_cli.Error);
    }

    [Fact]
    public async Task A_wrong_configuration_ends_the_JSON_lines_of_a_verification_too()
    {
        _cli.WriteConfig("      frob: true");
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("verify", "--json"));
        Assert.Equal(("verified", 3), (_cli.Json[^1].GetProperty("event").GetString(), _cli.Json[^1].GetProperty("exitCode").GetInt32()));
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("sync", "--json"));
        Assert.Single(_cli.Json, line => line.GetProperty("event").GetString() == "finished");
    }

    [Fact]
    public async Task No_words_show_the_help_on_standard_error()
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync());
        Assert.Contains("resolve", _cli.Error);
    }

    [Fact]
    public async Task An_empty_path_is_refused() => Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", ""));

    [Theory]
    [InlineData("--help", "sync")]
    [InlineData("sync --help", "--transfers")]
    [InlineData("plan -h", "PATH")]
    [InlineData("status --help", "--failed")]
    [InlineData("config init --help", "--force")]
    public async Task Help_is_a_result(string words, string said)
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains(said, _cli.Out);
        Assert.Empty(_cli.Error);
    }

    [Fact]
    public async Task The_version_is_three_numbers_and_the_module_has_the_same()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", _cli.Out);
        Assert.Contains($"'{_cli.Out.Trim()}'", File.ReadAllText(Repository.At("NasSync.psd1")));
    }

    [Fact]
    public async Task A_path_that_begins_with_an_at_sign_is_a_path_and_no_response_file()
    {
        _cli.WriteConfig();
        await _cli.RunAsync("sync", "--config", "nas-sync.yaml", "@nowhere");
        Assert.Contains("@nowhere", _cli.Out + _cli.Error);
        Assert.DoesNotContain("esponse file", _cli.Error);
    }
}
