using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_good_configuration_is_ok()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "check", "--config", "nas-sync.yaml"));
        Assert.Equal($"ok: {_cli.Folder["nas-sync.yaml"]}\n", _cli.Out);
    }

    [Fact]
    public async Task Every_mistake_is_said_in_the_compilers_form()
    {
        WriteBad();
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("config", "check", "--config", "nas-sync.yaml"));
        Assert.Equal("2 errors", _cli.Lines[^1]);
        Assert.Equal(3, _cli.Lines.Length);
        Assert.All(_cli.Lines[..2], line => Assert.Matches(@"^nas-sync\.yaml:\d+:\d+: error: ", line));
    }

    [Fact]
    public async Task As_json_every_mistake_is_a_line_and_the_last_one_counts()
    {
        WriteBad();
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("config", "check", "--config", "nas-sync.yaml", "--json"));
        var lines = _cli.Json;
        Assert.Equal(["problem", "problem", "checked"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(2, lines[0].GetProperty("line").GetInt32());
        Assert.Equal("error", lines[0].GetProperty("severity").GetString());
        Assert.Equal(2, lines[^1].GetProperty("errors").GetInt32());
        Assert.Equal(3, lines[^1].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_invalid_configuration()
    {
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("config", "check", "--config", "missing.yaml"));
        Assert.Contains("missing.yaml", _cli.Out);
    }

    [Fact]
    public async Task The_environment_alone_is_a_configuration()
    {
        _cli.Environment["OUTPUTS_DIR"] = _cli.Folder["outputs"];
        _cli.Environment["NAS_REMOTE_ROOT_AUDIO"] = _cli.Folder["nas"];
        _cli.Environment["NAS_REMOTE_ROOT_VIDEO"] = _cli.Folder["nas"];
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "check"));
        Assert.StartsWith("ok: the environment", _cli.Out);
    }

    [Fact]
    public async Task The_file_of_the_current_folder_is_found()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "check"));
        Assert.Contains("nas-sync.yaml", _cli.Out);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("plan")]
    [InlineData("resolve")]
    [InlineData("status")]
    public async Task No_command_runs_with_an_invalid_configuration(string command)
    {
        WriteBad();
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync(command, "--config", "nas-sync.yaml"));
        Assert.Contains("nas-sync.yaml:2:", _cli.Error);
        Assert.Empty(_cli.Out);
    }

    [Fact]
    public async Task Sync_as_json_still_ends_with_finished()
    {
        WriteBad();
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("sync", "--config", "nas-sync.yaml", "--json"));
        Assert.Equal(["problem", "problem", "finished"], _cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(3, _cli.Json[^1].GetProperty("exitCode").GetInt32());
    }

    private void WriteBad() => _cli.Folder.Write("nas-sync.yaml", "nasSync:\n  tranfers: 4\n  transfers: many\n");
}
