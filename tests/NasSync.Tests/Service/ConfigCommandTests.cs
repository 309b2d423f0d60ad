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
    public async Task A_root_that_is_a_file_is_warned_of_and_a_folder_or_a_missing_one_is_not()
    {
        _cli.Folder.Write("file", "");
        _cli.Folder.MakeFolder("folder");
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              remoteRoots: { good: ./folder, bad: ./file, new: ./missing }
              destinations:
                one: { type: local, root: ./file }
                two: { type: local, root: ./folder }
              routes: [{ to: ["one:audio", "two:audio", "./file/${artist}", "./missing/a", "${remoteRoots.bad}/a"] }]
            """);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "check"));

        Assert.Equal(
            ["nasSync.destinations.one.root", "nasSync.remoteRoots.bad", "nasSync.routes[1].to"],
            _cli.Lines.Where(line => line.Contains($"'{_cli.Folder["file"]}' is a file", StringComparison.Ordinal))
                .Select(line => line.Split(": ")[2]));
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

    [Fact]
    public async Task Show_prints_what_holds_and_where_it_comes_from()
    {
        _cli.WriteConfig();
        _cli.Environment["OUTPUTS_DIR"] = "/elsewhere";
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "show"));
        Assert.Matches("outputsDir: /elsewhere +# OUTPUTS_DIR", _cli.Out);
        Assert.Matches("transfers: 4 +# default", _cli.Out);
    }

    [Fact]
    public async Task Show_as_json_is_one_line_with_typed_values()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "show", "--json"));
        var settings = Assert.Single(_cli.Json).GetProperty("nasSync");
        Assert.True(settings.GetProperty("enabled").GetBoolean());
        Assert.Equal(4, settings.GetProperty("transfers").GetInt32());
        Assert.Equal(_cli.Folder["outputs"], settings.GetProperty("outputsDir").GetString());
        Assert.Equal("audio", settings.GetProperty("routes")[0].GetProperty("match").GetProperty("kind").GetString());
        Assert.Equal("nas-sync.yaml:2", _cli.Json[0].GetProperty("origins").GetProperty("outputsDir").GetString());
    }

    [Fact]
    public async Task Show_says_of_each_value_where_it_comes_from()
    {
        _cli.Environment["NAS_REMOTE_ROOT_AUDIO"] = "/mnt/nas";
        foreach (var json in new[] { false, true })
        {
            Assert.Equal(ExitCode.Ok, await _cli.RunAsync(["config", "show", "--log-level", "warning", .. json ? (string[])["--json"] : []]));
            if (!json) Assert.Matches("method: rsync +# default without a file\n(.*\n)+.*audio: /mnt/nas +# NAS_REMOTE_ROOT_AUDIO\n(.*\n"
                + ")+.*logLevel: warning +# --log-level", _cli.Out);
        }

        var origins = _cli.Json[0].GetProperty("origins");
        Assert.Equal(
            ("default without a file", "NAS_REMOTE_ROOT_AUDIO", "--log-level"),
            (
                origins.GetProperty("outputsDir").GetString(),
                origins.GetProperty("remoteRoots.audio").GetString(),
                origins.GetProperty("logLevel").GetString()));
        Assert.Equal("rsync", _cli.Json[0].GetProperty("nasSync").GetProperty("method").GetString());
    }

    [Fact]
    public async Task No_secret_is_shown()
    {
        _cli.WriteConfig("  webhooks: [ { url: \"https://example.com/hook\", secret: \"env:HOOK_SECRET\" } ]");
        _cli.Environment["HOOK_SECRET"] = "canary-value";
        foreach (var words in new[] { "config show", "config show --json", "config check --json", "sync --log-level debug" })
        {
            await _cli.RunAsync(words.Split(' '));
            Assert.DoesNotContain("canary-value", _cli.Out + _cli.Error);
        }
    }

    [Fact]
    public async Task No_part_of_an_address_that_may_be_a_secret_is_shown()
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        _cli.WriteConfig(
            """
              webhooks: [ { url: "https://hooks.example.com/services/T000/canary7b1f0a5d4c3e2b1a9f8e?token=canary-query#canary-part" } ]
              otlpEndpoint: "http://localhost:4318/v1?key=canary-otlp"
              ledger: "env:LEDGER"
              destinations: { nas: { type: sftp, host: nas.example.com, root: /x, password: "env:NAS" } }
            """);
        _cli.Environment["LEDGER"] = "Host=localhost;Port=1;Password=canary-ledger";
        _cli.Environment["NAS"] = "canary-password";
        foreach (var words in new[]
        {
            "config show", "config show --json", "config check --json", "status --json", "plan --log-level debug", "sync --log-level debug --json",
        })
        {
            await _cli.RunAsync(words.Split(' '));
            Assert.DoesNotContain("canary", _cli.Out + _cli.Error);
        }

        await _cli.RunAsync("config", "show");
        Assert.Contains("url: \"https://hooks.example.com/services/T000/…?…#…\"", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("otlpEndpoint: \"http://localhost:4318/v1?…\"", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_is_json()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "schema"));
        using var schema = System.Text.Json.JsonDocument.Parse(_cli.Out);
        Assert.True(schema.RootElement.TryGetProperty("$schema", out _));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "schema", "--json"));
        Assert.True(Assert.Single(_cli.Json).TryGetProperty("$schema", out _));
    }

    [Fact]
    public async Task Init_writes_a_configuration_that_passes_the_check()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "init"));
        Assert.Contains(_cli.Folder["nas-sync.yaml"], _cli.Out);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "check"));
    }

    [Fact]
    public async Task Init_writes_the_file_that_config_names_and_never_one_of_two()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "init", "--config", "x.yaml"));
        Assert.True(File.Exists(_cli.Folder["x.yaml"]));
        Assert.False(File.Exists(_cli.Folder["nas-sync.yaml"]));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("config", "init", "y.yaml", "--config", "z.yaml"));
        Assert.Contains("give one of them", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "init", "./y.yaml", "--config", "y.yaml"));
    }

    [Fact]
    public async Task Without_an_outputs_folder_there_is_no_configuration_to_run_with()
    {
        _cli.Folder.Write("nas-sync.yaml", "nasSync:\n  workDir: work\n  routes: [{ to: ./nas }]\n");
        foreach (var command in (string[])["sync", "plan", "resolve"])
        {
            Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync(command));
            Assert.Contains("[OutputsDirUnset]", _cli.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Init_leaves_a_file_that_is_there_unless_forced()
    {
        var file = _cli.Folder.Write("mine.yaml", "mine");
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("config", "init", "mine.yaml"));
        Assert.Contains("--force", _cli.Error);
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("config", "init", "mine.yaml", "--force"));
        Assert.Contains("nasSync:", File.ReadAllText(file));
    }

    [Fact]
    public async Task Init_into_a_folder_that_is_not_there_says_so()
    {
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("config", "init", "missing/mine.yaml"));
        Assert.Contains(
            $"'{_cli.Folder["missing/mine.yaml"]}' cannot be written: its folder does not exist.\n", _cli.Error, StringComparison.Ordinal);
    }

    private void WriteBad() => _cli.Folder.Write("nas-sync.yaml", "nasSync:\n  tranfers: 4\n  transfers: many\n");
}
