using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Tests.Support;

namespace NasSync.Tests.Installing;

[Needs("linux")]
public sealed class SystemdInstallerTests : IDisposable
{
    private static readonly SyncSchedule Often = new SyncSchedule.Every(TimeSpan.FromMinutes(5));
    private readonly FakeSystem _system = new();
    private readonly List<InstallStep> _steps = [];

    public void Dispose() => _system.Dispose();

    [RequiresFact("linux")]
    public async Task A_service_is_written_enabled_and_started_and_its_folders_are_made()
    {
        await Installer().InstallAsync(_system.Units(), start: true, default);
        Assert.Equal(["[daemon-reload]", "[enable][--now][nassync.service]"], _system.Calls);
        Assert.True(UnitFile.IsOurs(File.ReadAllText(_system.Folder["units/nassync.service"])));
        Assert.True(Directory.Exists(_system.Folder["work"]) && Directory.Exists(_system.Folder["logs"]));
        Assert.Equal(["nassync.service"], Directory.GetFiles(_system.Folder["units"]).Select(Path.GetFileName));
    }

    [RequiresFact("linux")]
    public async Task Installed_again_the_unit_is_left_as_it_is_and_a_changed_one_is_restarted()
    {
        await Installer().InstallAsync(_system.Units(Often), start: true, default);
        await Installer().InstallAsync(_system.Units(new SyncSchedule.AtStartup()), start: true, default);
        Assert.Equal(
            ["[daemon-reload]", "[enable][--now][nassync.timer]", "[daemon-reload]", "[enable][nassync.timer]", "[restart][nassync.timer]"],
            _system.Calls);
        _steps.Clear();
        await Installer().InstallAsync(_system.Units(new SyncSchedule.AtStartup()), start: true, default);
        Assert.Equal([InstallAction.Unchanged, InstallAction.Unchanged], _steps.Take(2).Select(step => step.Action));
    }

    [RequiresFact("linux")]
    public async Task A_service_that_watches_takes_the_place_of_the_timer_of_its_name()
    {
        await Installer().InstallAsync(_system.Units(Often), start: true, default);
        await Installer().InstallAsync(_system.Units(), start: true, default);
        Assert.Contains("[disable][--now][nassync.timer]", _system.Calls);
        Assert.Equal(["nassync.service"], Directory.GetFiles(_system.Folder["units"]).Select(Path.GetFileName));
    }

    [NeedsTheory]
    [InlineData("nassync.service")]
    [InlineData("nassync.timer")]
    public async Task A_file_that_is_not_ours_stops_all_before_anything_is_changed(string name)
    {
        _system.Folder.Write($"units/{name}", "[Unit]\nDescription=someone else's\n");
        var refused = await Assert.ThrowsAsync<FailureException>(() => Installer().InstallAsync(_system.Units(Often), start: true, default));
        Assert.Equal("UnitNotOurs", refused.Failure.Code);
        Assert.Equal("UnitNotOurs", (await Assert.ThrowsAsync<FailureException>(() => Installer().UninstallAsync("nassync", default))).Failure.Code);
        Assert.Empty(_system.Calls);
        Assert.Equal([name], Directory.GetFiles(_system.Folder["units"]).Select(Path.GetFileName));
        Assert.Contains("someone else's", File.ReadAllText(_system.Folder[$"units/{name}"]));
    }

    [RequiresFact("linux")]
    public async Task A_masked_unit_is_not_ours()
    {
        _system.Folder.MakeFolder("units");
        File.CreateSymbolicLink(_system.Folder["units/nassync.service"], "/dev/null");
        var refused = await Assert.ThrowsAsync<FailureException>(() => Installer().InstallAsync(_system.Units(), start: true, default));
        Assert.Equal("UnitNotOurs", refused.Failure.Code);
    }

    [RequiresFact("linux")]
    public async Task Where_systemd_does_not_run_the_units_are_written_and_the_rest_is_said()
    {
        await Installer(_system.Host() with { IsRunning = false, Systemctl = "systemctl" }).InstallAsync(_system.Units(Often), start: true, default);
        Assert.Empty(_system.Calls);
        Assert.Equal(
            ["systemctl daemon-reload", "systemctl enable --now nassync.timer"],
            _steps.Where(step => step.Action == InstallAction.ToRun).Select(step => step.Item));
        Assert.Equal(2, Directory.GetFiles(_system.Folder["units"]).Length);
    }

    [RequiresFact("linux")]
    public async Task Of_a_user_every_command_is_for_the_users_own_systemd()
    {
        await Installer(_system.Host(SyncTaskScope.User)).InstallAsync(_system.Units() with { Scope = SyncTaskScope.User }, start: false, default);
        Assert.Equal(["[--user][daemon-reload]", "[--user][enable][nassync.service]"], _system.Calls);
        Assert.Equal("system --user start nassync.service", Assert.Single(_steps, step => step.Action == InstallAction.ToRun).Item);
    }

    [RequiresFact("linux")]
    public async Task A_dry_run_says_the_steps_and_takes_none()
    {
        await new SystemdInstaller(_system.Host(), TimeProvider.System) { DryRun = true, Tell = _steps.Add }
            .InstallAsync(_system.Units(), start: true, default);
        Assert.Equal(
            [InstallAction.Made, InstallAction.Made, InstallAction.Wrote, InstallAction.Ran, InstallAction.Ran],
            _steps.Select(step => step.Action));
        Assert.Empty(_system.Calls);
        Assert.False(Directory.Exists(_system.Folder["units"]) || Directory.Exists(_system.Folder["work"]));
    }

    [RequiresFact("linux")]
    public async Task What_systemd_refuses_is_told_in_its_words()
    {
        _system.Answers("", "echo 'Failed to enable unit: Unit file is masked.' >&2; exit 1");
        var refused = (await Assert.ThrowsAsync<FailureException>(() => Installer().InstallAsync(_system.Units(), start: true, default))).Failure;
        Assert.Equal("SystemRefused", refused.Code);
        Assert.Equal("'system daemon-reload' ended with 1: Failed to enable unit: Unit file is masked.", refused.Message);
    }

    [RequiresFact("linux")]
    public async Task Uninstalling_stops_and_removes_both_units_and_a_second_time_there_is_nothing()
    {
        await Installer().InstallAsync(_system.Units(Often), start: true, default);
        Assert.True(await Installer().UninstallAsync("nassync", default));
        Assert.Equal(["[disable][--now][nassync.timer][nassync.service]", "[daemon-reload]"], _system.Calls.Skip(2));
        Assert.Empty(Directory.GetFiles(_system.Folder["units"]));
        Assert.False(await Installer().UninstallAsync("nassync", default));
        Assert.True(Directory.Exists(_system.Folder["work"]));
    }

    [RequiresFact("linux")]
    public async Task Tasks_are_listed_with_the_exit_code_of_the_last_run()
    {
        await Installer().InstallAsync(_system.Units(Often), start: true, default);
        _system.Folder.Write("units/other.service", "[Unit]\n");
        _system.Answers("ActiveState=active\n\nActiveState=failed\nExecMainExitTimestamp=@1700000000\nExecMainCode=1\nExecMainStatus=7\n");
        var task = Assert.Single(await Installer().ListAsync(default));
        Assert.Equal(
            ("nassync", "every 5m", _system.Folder["nas-sync.yaml"], _system.Folder["units/nassync.timer"]),
            (task.Name, task.Schedule, task.Config, task.Path));
        Assert.Equal(
            ("active", ExitCode.DestinationUnavailable, DateTimeOffset.FromUnixTimeSeconds(1700000000)),
            (task.State, task.LastResult, task.LastRun));
    }

    [Theory]
    [InlineData("ActiveState=inactive\n\nActiveState=inactive\nExecMainExitTimestamp=\nExecMainCode=0\nExecMainStatus=0\n", null)]
    [InlineData("ActiveState=inactive\n\nActiveState=failed\nExecMainExitTimestamp=@1700000000\nExecMainCode=2\nExecMainStatus=9\n", null)]
    [InlineData("ActiveState=inactive\n\nActiveState=inactive\nExecMainExitTimestamp=@1700000000\nExecMainCode=1\nExecMainStatus=0\n", ExitCode.Ok)]
    public void A_signal_is_no_exit_code_and_a_run_that_never_was_has_none(string shown, ExitCode? code)
    {
        var task = SystemdState.Add(new SyncTask { Name = "x", Schedule = "x", Path = "/x" }, shown);
        Assert.Equal(("inactive", code), (task.State, task.LastResult));
    }

    [Theory]
    [InlineData("nassync", true)]
    [InlineData("nas-sync.2", true)]
    [InlineData("", false)]
    [InlineData("-x", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("a@b", false)]
    [InlineData("ö", false)]
    public void A_name_is_the_name_of_a_unit(string name, bool isOne) => Assert.Equal(isOne, UnitFile.ProblemOf(name) is null);

    private SystemdInstaller Installer(SystemdHost? host = null) => new(host ?? _system.Host(), TimeProvider.System) { Tell = _steps.Add };
}
