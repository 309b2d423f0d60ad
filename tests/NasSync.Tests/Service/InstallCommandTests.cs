using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class InstallCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [RequiresFact("linux")]
    public async Task A_service_is_written_into_a_folder_and_uninstalled_from_there()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("install", "--system", "--run-as", "media", "--unit-dir", "units"));
        var unit = File.ReadAllText(_cli.Folder["units/nassync.service"]);
        Assert.Contains($" watch --config {_cli.Folder["nas-sync.yaml"]}\n", unit);
        Assert.Contains("\nUser=media\n", unit);
        Assert.Contains("systemctl enable --now nassync.service", _cli.Out);
        Assert.False(Directory.Exists(_cli.Folder["work"]));

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("uninstall", "--system", "--unit-dir", "units"));
        Assert.Equal($"removed {_cli.Folder["units/nassync.service"]}\n", _cli.Out);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("uninstall", "--system", "--unit-dir", "units"));
        Assert.Contains("There is no unit of NasSync", _cli.Error);
    }

    [RequiresFact("linux")]
    public async Task A_schedule_makes_a_service_and_a_timer_and_JSON_lines_say_so()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("install", "--user", "--timer", "15m", "--name", "media", "--unit-dir", "units", "--json"));
        Assert.Equal(
            ["media.service", "media.timer"],
            Directory.GetFiles(_cli.Folder["units"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["wrote", "wrote", "toRun", "toRun", ""],
            _cli.Json.Select(line => line.TryGetProperty("action", out var action) ? action.GetString() : ""));
        Assert.Equal("user", _cli.Json[^1].GetProperty("scope").GetString());
        Assert.DoesNotContain("\nUser=", File.ReadAllText(_cli.Folder["units/media.service"]));
    }

    [RequiresFact("linux")]
    public async Task A_dry_run_prints_the_units_and_writes_none()
    {
        _cli.WriteConfig();
        Assert.Equal(
            ExitCode.Ok,
            await _cli.RunAsync("install", "--system", "--run-as", "media", "--timer", "02:30", "--unit-dir", "units", "--dry-run"));
        Assert.Contains("OnCalendar=*-*-* 02:30:00", _cli.Out);
        Assert.Contains($"would write {_cli.Folder["units/nassync-sync.timer"]}", _cli.Out);
        Assert.False(Directory.Exists(_cli.Folder["units"]));
    }

    [RequiresFact("linux")]
    public async Task Root_is_only_meant_where_it_is_said_and_sudo_says_who_is()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("install", "--system", "--unit-dir", "units"));
        Assert.Contains("--run-as USER", _cli.Error);
        _cli.Environment["SUDO_USER"] = "ada";
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("install", "--system", "--unit-dir", "units"));
        Assert.Contains("\nUser=ada\n", File.ReadAllText(_cli.Folder["units/nassync.service"]));
    }

    [RequiresFact("linux")]
    public async Task A_file_of_someone_else_is_left_and_exits_with_6()
    {
        _cli.WriteConfig();
        _cli.Folder.Write("units/nassync.service", "[Unit]\n");
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("install", "--system", "--run-as", "media", "--unit-dir", "units"));
        Assert.Contains("UnitNotOurs", _cli.Error);
        Assert.Equal("[Unit]\n", File.ReadAllText(_cli.Folder["units/nassync.service"]));
    }

    [RequiresFact("linux")]
    public async Task The_configuration_is_read_with_the_variables_of_the_service_and_not_with_those_of_the_shell()
    {
        _cli.WriteConfig();
        _cli.Environment["NAS_REMOTE_ROOT_AUDIO"] = "/mnt/shell";
        _cli.Folder.Write("variables", "# the service's\nNAS_REMOTE_ROOT_AUDIO = '/mnt/service'\n");
        Assert.Equal(
            ExitCode.Ok,
            await _cli.RunAsync("install", "--system", "--run-as", "media", "--environment-file", "variables", "--unit-dir", "units"));
        var unit = File.ReadAllText(_cli.Folder["units/nassync.service"]);
        Assert.Contains("\nReadWritePaths=-/mnt/service\n", unit);
        Assert.DoesNotContain("/mnt/shell", unit);
        Assert.Contains($"\nEnvironmentFile=-{_cli.Folder["variables"]}\n", unit);
    }

    [RequiresFact("linux")]
    public async Task Without_a_configuration_file_or_with_a_wrong_one_nothing_is_written()
    {
        _cli.Environment["OUTPUTS_DIR"] = "/data/outputs";
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("install", "--user", "--unit-dir", "units"));
        Assert.Contains("--config", _cli.Error);
        _cli.Folder.Write("nas-sync.yaml", "nasSync: { transfers: 0 }\n");
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("install", "--user", "--unit-dir", "units"));
        Assert.False(Directory.Exists(_cli.Folder["units"]));
    }

    [Theory]
    [InlineData("install --timer soon", "soon")]
    [InlineData("install --timer 15m --daemon", "either --timer or --daemon")]
    [InlineData("install --user --system", "either --user or --system")]
    [InlineData("install --user --run-as ada", "leave --run-as out")]
    [InlineData("uninstall --user --system", "either --user or --system")]
    public async Task Words_that_contradict_each_other_exit_with_2(string words, string said)
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains(said, _cli.Error);
    }

    [RequiresFact("linux")]
    public async Task A_name_that_is_none_of_a_unit_exits_with_2()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("install", "--user", "--name", "../x", "--unit-dir", "units"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("uninstall", "--user", "--name", "../x", "--unit-dir", "units"));
        Assert.NotNull(UnitFile.ProblemOf("../x"));
    }
}
