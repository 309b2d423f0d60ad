using NasSync.Config;
using NasSync.Destinations.Contract;
using NasSync.Ledgers;
using NasSync.Tests.Destinations.Rsync;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>
/// The first run to a place makes its root, and cannot know a new place from a mount point that is misspelt: it says so, and whatever it copies
/// there, it removes nothing for it. The next run finds the root there.
/// </summary>
public sealed class NewRootTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public NewRootTests()
    {
        Directory.Delete(_world.Nas);
        _world.Route = Delete("${remoteRoots.nas}/${jobId}");
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Remove) };
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_test_of_a_known_place_does_not_try_the_empty_folder_below_its_mount_point(bool isNamed)
    {
        if (isNamed)
            _world.Config = _world.Config with
            {
                Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase)
                {
                    ["nas"] = new LocalDestinationConfig { Name = "nas", Root = _world.Nas },
                },
                Routes = [new Route { Number = 1, To = ["nas:${jobId}"] }],
            };
        _world.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        await using (var mounted = DestinationCheck.Open(_world.Config, isNamed ? "nas" : _world.Nas, TimeProvider.System)!)
            await mounted.ProbeAsync(default);

        Directory.Delete(_world.Nas, recursive: true);
        Directory.CreateDirectory(_world.Nas);
        await using var check = DestinationCheck.Open(_world.Config, isNamed ? "nas" : _world.Nas, TimeProvider.System)!;
        var failure = (await Assert.ThrowsAsync<FailureException>(async () => await check.ProbeAsync(default))).Failure;
        Assert.Equal(("DestinationUnavailable", true), (failure.Code, failure.Message.EndsWith("nothing was tested.", StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    public void Dispose() => _world.Dispose();

    [RequiresFact("linux")]
    public async Task A_root_that_is_not_there_and_cannot_be_made_is_not_blamed_on_rights_alone()
    {
        await using var place = new NasSync.Destinations.Local.LocalDestination("/sys/nassync/media", TimeProvider.System);
        var failure = (await Assert.ThrowsAsync<FailureException>(async () => await place.ProbeAsync(default))).Failure;
        Assert.Equal(FailureClass.Permission, failure.Class);
        Assert.Equal("/sys/nassync/media is not there, and it cannot be made: nothing may be created in /sys by this account.", failure.Message);
        Assert.Contains("correct the root in the configuration", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("give this account the right", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_that_a_run_makes_is_told_and_nothing_is_removed_for_it_until_the_next_run()
    {
        var job = Job();

        var planned = await _world.RunAsync(new SyncRequest { DryRun = true });
        Assert.Equal(_world.Nas, Told(planned));
        Assert.False(Assert.Single(planned.OfType<TransferEvent.Planned>()).Plan.Items[0].RemovesSource);
        Assert.Null(Assert.Single(planned.OfType<TransferEvent.Planned>()).Then);
        Assert.False(Directory.Exists(_world.Nas));

        var first = await _world.RunAsync();
        Assert.Equal(_world.Nas, Told(first));
        Assert.Equal((1, ExitCode.Ok), (Result(first).Committed, Result(first).ExitCode));
        Assert.DoesNotContain(first, one => one is TransferEvent.Released or TransferEvent.JobCleared);
        Assert.True(File.Exists(Source(job)));

        var second = await _world.RunAsync();
        Assert.Empty(second.OfType<TransferEvent.Warned>());
        Assert.Single(second.OfType<TransferEvent.Released>());
        Assert.False(Directory.Exists(job.Folder));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task The_notice_says_what_stays_only_where_something_would_go_and_names_the_topmost_folder_once()
    {
        _world.Config = _world.Config with
        {
            FinishedJobs = FinishedJobsPolicy.Keep,
            Routes =
            [
                new Route { Number = 1, Kind = "audio", To = [$"{_world.Nas}/deep/one/${{jobId}}"] },
                new Route { Number = 2, To = [$"{_world.Nas}/deep/two/${{jobId}}", $"{_world.Nas}/${{kind}}"] },
            ],
        };
        _world.Job().Add("a.m4a", "audio").Write();
        _world.Job("job_2").Add("v.mp4", "video").Write();
        var notice = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;
        Assert.True(notice.IsCalm);
        Assert.Equal($"'{_world.Nas}' does not exist; the first copy creates it.", notice.Message);
        Assert.DoesNotContain("stay", notice.Hint, StringComparison.Ordinal);
        Assert.Equal(3, _world.NasFiles().Count(file => !file.Contains(".nassync", StringComparison.Ordinal)));
    }

    [RequiresFact("linux")]
    public async Task A_root_that_is_made_by_one_of_its_names_is_new_by_the_other_one_too()
    {
        var real = Directory.CreateDirectory(Path.Combine(_world.Root, "real")).FullName;
        var alias = Path.Combine(_world.Root, "alias");
        Directory.CreateSymbolicLink(alias, real);
        _world.Config = _world.Config with
        {
            Routes =
            [
                new Route { Number = 1, Kind = "audio", To = [$"{real}/m/${{jobId}}"], Release = ReleasePolicy.Delete },
                new Route { Number = 2, Kind = "video", To = [$"{alias}/m/${{jobId}}"], Release = ReleasePolicy.Delete },
            ],
        };
        for (var i = 0; i < 4; i++)
        {
            _world.Job($"a{i}").Add("a.m4a", "audio").Write();
            _world.Job($"b{i}").Add("b.mp4", "video").Write();
        }

        // One after the other, so that the root stands when the last ones are planned.
        var events = await _world.RunAsync(new SyncRequest { Transfers = 1 });
        Assert.Equal(8, Result(events).Committed);
        Assert.DoesNotContain(events, one => one is TransferEvent.Released or TransferEvent.JobCleared);
        Assert.Equal(8, (await _world.RunAsync()).OfType<TransferEvent.JobCleared>().Count());
    }

    [Fact]
    public async Task One_copy_at_a_new_root_keeps_the_source_and_its_job_and_no_other_ones()
    {
        var known = Directory.CreateDirectory(Path.Combine(_world.Root, "known")).FullName;
        _world.Config = _world.Config with
        {
            Routes = [Delete(known + "/${jobId}", _world.Nas + "/${jobId}") with { Kind = "audio" }, Delete(known + "/${jobId}") with { Number = 2 }],
        };
        var job = Job();
        var other = _world.Job("job_2").Add("v.mp4", "video", declare: true);
        other.Write();

        var events = await _world.RunAsync();

        Assert.Equal("job_2", Assert.Single(events.OfType<TransferEvent.JobCleared>()).Manifest.JobId);
        Assert.True(File.Exists(Source(job)));
        await _world.RunAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Outputs));
    }

    [Fact]
    public async Task A_watcher_keeps_the_sources_until_it_is_started_anew()
    {
        var (one, two) = (Job(), Job("job_2"));
        await using (var run = new EndlessRun(_world))
        {
            await run.SyncAsync(one.ManifestPath);
            await run.SyncAsync(two.ManifestPath);
            await run.SyncAsync(one.ManifestPath);
            var hint = Assert.Single(run.Events.OfType<TransferEvent.Warned>()).Notice.Hint;
            Assert.Contains("before the watcher is restarted", hint, StringComparison.Ordinal);
            await run.EndAsync();
            Assert.Empty(run.Events.OfType<TransferEvent.Released>());
        }

        await _world.RunAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Outputs));
        Assert.Equal(["job_1/a.m4a", "job_2/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_root_that_is_missing_after_someone_accepted_it_is_held_all_the_same()
    {
        Job();
        await _world.RunAsync();
        await _world.RunAsync();
        Directory.Delete(_world.Nas, recursive: true);
        using (var ledger = Ledger.Open(_world.Config.WorkDir)) Assert.True(ledger.ForgetPlace(_world.Nas));
        var job = Job("job_2");
        Assert.Equal(["DestinationNew"], (await _world.RunAsync()).OfType<TransferEvent.Warned>().Select(one => one.Notice.Code));
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));
        Assert.Empty((await _world.RunAsync()).OfType<TransferEvent.Warned>());
        Assert.False(Directory.Exists(job.Folder));
    }

    [RequiresFact("linux", "rsync")]
    public async Task By_rsync_to_a_folder_of_this_machine_it_is_the_same() =>
        await IsHeldOnceAsync(new RsyncDestinationConfig { Name = "studio", Target = _world.Nas + "/deep" }, _world.Nas);

    [RequiresFact("linux", SshServer.Program)]
    public async Task At_an_SSH_host_it_is_the_same()
    {
        await using var server = await SshServer.StartAsync();
        var root = Path.Combine(server.Root, "volume/media");
        await IsHeldOnceAsync(server.Config(root), root);
    }

    [RequiresFact("linux", SshServer.Program, "rsync")]
    public async Task By_rsync_over_ssh_it_is_the_same()
    {
        await using var server = await RsyncWorld.SshAsync();
        await IsHeldOnceAsync(server.Config with { Name = "studio", Target = server.Target + "/volume/media" }, "volume/media", server.Environment);
    }

    [Fact]
    public async Task In_a_named_folder_it_is_the_same() =>
        await IsHeldOnceAsync(new LocalDestinationConfig { Name = "studio", Root = _world.Nas + "/deep" }, _world.Nas);

    [RequiresFact("linux", "rsync")]
    public async Task Below_a_module_of_an_rsync_daemon_it_is_the_same()
    {
        await using var server = await RsyncWorld.DaemonAsync();
        await IsHeldOnceAsync(server.Config with { Name = "studio", Target = server.Target + "/volume/media" }, "volume/media", server.Environment);
    }

    private static async Task IsHeldOnceAsync(DestinationConfig studio, string shown, IReadOnlyDictionary<string, string>? variables = null)
    {
        using var world = new SyncWorld { Variables = variables ?? new Dictionary<string, string>() };
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig> { [studio.Name] = studio },
            Routes = [Delete($"{studio.Name}:${{jobId}}")],
        };
        var job = world.Job().Add("a.m4a", "audio", declare: true);
        job.Write();
        await IsNotTestedAsync(world, studio.Name);
        foreach (var request in (SyncRequest[])[new() { DryRun = true }, new()])
            Assert.Contains(shown, Told(await world.RunAsync(request)), StringComparison.Ordinal);
        Assert.True(File.Exists(Source(job)));
        Assert.Empty((await world.RunAsync()).OfType<TransferEvent.Warned>());
        Assert.False(File.Exists(Source(job)));
    }

    // A test would make the root, and the run after it would take the place for a known one.
    private static async Task IsNotTestedAsync(SyncWorld world, string name)
    {
        await using var check = DestinationCheck.Open(world.Config, name, TimeProvider.System, world.Variables)!;
        foreach (var ask in (Func<Task>[])[
            () => check.ProbeAsync(default).AsTask(),
            () => check.RunAsync(default).GetAsyncEnumerator().MoveNextAsync().AsTask(),
        ])
        {
            var failure = (await Assert.ThrowsAsync<FailureException>(ask)).Failure;
            Assert.Equal((FailureClass.Unavailable, "DestinationUnavailable"), (failure.Class, failure.Code));
            Assert.Contains("is not there, and a test makes no root", failure.Message, StringComparison.Ordinal);
        }
    }

    private static string Told(IReadOnlyList<TransferEvent> events)
    {
        var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal(NewRoots.Code, notice.Code);
        Assert.Contains("removes no source and no job folder of copies there before the next run", notice.Hint, StringComparison.Ordinal);
        return notice.Message.Split('\'')[1];
    }

    private SampleJob Job(string jobId = "job_1")
    {
        var job = _world.Job(jobId).Add("a.m4a", "audio", declare: true);
        job.Write();
        return job;
    }

    private static string Source(SampleJob job) => Path.Combine(job.Folder, "a.m4a");

    private static SyncResult Result(IReadOnlyList<TransferEvent> events) => Assert.IsType<TransferEvent.Finished>(events[^1]).Result;

    private static Route Delete(params string[] to) => new() { Number = 1, To = to, Release = ReleasePolicy.Delete };
}
