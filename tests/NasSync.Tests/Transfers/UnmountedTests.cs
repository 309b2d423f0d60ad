using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Tests.Destinations.Rsync;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>A NAS that is not mounted leaves an empty folder: nothing may be written there.</summary>
public sealed class UnmountedTests : IDisposable
{
    private readonly TempFolder _mountPoint = new();
    private readonly SyncWorld _world;
    private Mounted? _disk;

    public UnmountedTests() => _world = new SyncWorld(nas: _mountPoint.MakeFolder("mnt"));

    [Fact]
    public async Task The_first_copy_marks_the_place_and_a_second_run_keeps_the_mark()
    {
        await SyncAsync("job_1");
        var mark = File.ReadAllText(Marker);
        await SyncAsync("job_2");
        Assert.Equal(mark, File.ReadAllText(Marker));
        Assert.StartsWith("NasSync destination ", mark, StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task A_marker_that_is_no_file_is_told_as_the_marker_and_not_as_the_file_that_is_copied()
    {
        Directory.CreateDirectory(_world.Nas);
        _world.Job().Add("a.m4a", "audio").Write();
        foreach (var make in (Action[])[() => File.CreateSymbolicLink(Marker, "/etc/hostname"), () => Directory.CreateDirectory(Marker)])
        {
            make();
            var failure = Assert.Single(await _world.FailuresAsync());
            Assert.Equal((FailureClass.Conflict, "TargetIsNotAFile"), (failure.Class, failure.Code));
            Assert.Contains(Marker, failure.Message, StringComparison.Ordinal);
            if (new FileInfo(Marker).LinkTarget is null) Directory.Delete(Marker);
            else File.Delete(Marker);
        }
    }

    [Fact]
    public async Task A_marker_that_was_emptied_is_no_identity_and_is_made_anew_where_the_place_is_new_or_accepted()
    {
        Directory.CreateDirectory(_world.Nas);
        File.WriteAllText(Marker, "");
        await SyncAsync("job_1");
        Assert.StartsWith("NasSync destination ", File.ReadAllText(Marker), StringComparison.Ordinal);

        File.WriteAllText(Marker, "");
        _world.Job("job_2").Add("a.m4a", "audio").Write();
        var failure = Assert.Single(await _world.FailuresAsync());
        Assert.Equal((FailureClass.Unavailable, "DestinationUnavailable"), (failure.Class, failure.Code));
        Assert.Contains("it holds no id", failure.Message, StringComparison.Ordinal);
        using (var ledger = Ledger.Open(_world.Config.WorkDir)) Assert.True(ledger.ForgetPlace(_world.Nas));
        await SyncAsync("job_2");
        Assert.StartsWith("NasSync destination ", File.ReadAllText(Marker), StringComparison.Ordinal);
    }

    // As a version did that took an empty marker for an id.
    [Fact]
    public async Task A_place_that_was_known_by_an_empty_marker_gets_a_true_one()
    {
        await SyncAsync("job_1");
        File.WriteAllText(Marker, "");
        using (var ledger = Ledger.Open(_world.Config.WorkDir))
            ledger.RememberPlace(_world.Nas, new RecordedPlace("", RecordedPlace.AnyFileSystem), DateTimeOffset.UnixEpoch);
        await SyncAsync("job_2");
        Assert.StartsWith("NasSync destination ", File.ReadAllText(Marker), StringComparison.Ordinal);

        File.Delete(Marker);
        _world.Job("job_3").Add("a.m4a", "audio").Write();
        Assert.Equal(["DestinationUnavailable"], (await _world.FailuresAsync()).Select(failure => failure.Code));
    }

    [RequiresFact("linux")]
    public async Task A_root_that_is_or_lies_below_a_link_that_leads_nowhere_is_unavailable_in_a_plan_and_in_a_run()
    {
        var link = Path.Combine(_world.Root, "link");
        File.CreateSymbolicLink(link, Path.Combine(_world.Root, "volume"));
        _world.Job().Add("a.m4a", "audio").Write();
        foreach (var root in (string[])[link, link + "/media"])
        {
            _world.Config = _world.Config with { RemoteRoots = new Dictionary<string, string> { ["nas"] = root } };
            var planned = (await _world.RunAsync(new() { DryRun = true })).OfType<TransferEvent.Planned>().Single().Plan.Items.Single().Failure;
            foreach (var failure in (Failure?[])[planned, Assert.Single(await _world.FailuresAsync())])
            {
                Assert.Equal("DestinationUnavailable", failure?.Code);
                Assert.Contains($"{link} is a symbolic link to", failure?.Message, StringComparison.Ordinal);
            }
        }

        Directory.CreateDirectory(Path.Combine(_world.Root, "volume"));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [RequiresFact("mount")]
    public async Task A_plan_says_of_a_place_that_is_mounted_for_reading_what_a_run_says()
    {
        _disk = Mounted.Tmpfs("16m,ro", at: _world.Nas);
        _world.Job().Add("a.m4a", "audio").Write();
        foreach (var root in (string[])[_world.Nas, Path.Combine(_world.Nas, "media")])
        {
            _world.Config = _world.Config with { RemoteRoots = new Dictionary<string, string> { ["nas"] = root } };
            var planned = (await _world.RunAsync(new() { DryRun = true })).OfType<TransferEvent.Planned>().Single().Plan.Items.Single().Failure;
            foreach (var failure in (Failure?[])[planned, Assert.Single(await _world.FailuresAsync())])
                Assert.Equal((FailureClass.Permission, "ReadOnlyFileSystem"), (failure?.Class, failure?.Code));
        }
    }

    [RequiresFact("linux")]
    public async Task A_strangers_link_at_a_target_is_told_as_what_stands_there_and_one_on_the_way_as_what_leads_out()
    {
        await SyncAsync("job_1");
        var route = new Route { Number = 1, Kind = "audio", To = ["${remoteRoots.nas}/${jobId}"], OnConflict = ConflictPolicy.Overwrite };
        _world.Config = _world.Config with { Routes = [route, route with { Number = 2, Kind = "video", To = ["${remoteRoots.nas}/${jobId}/away"] }] };
        var at = Directory.CreateDirectory(Path.Combine(_world.Nas, "job_2")).FullName;
        File.CreateSymbolicLink(Path.Combine(at, "out.m4a"), "/etc/hostname");
        File.CreateSymbolicLink(Path.Combine(at, "nowhere.m4a"), "gone");
        Directory.CreateSymbolicLink(Path.Combine(at, "away"), _world.Root);
        _world.Job("job_2").Add("out.m4a", "audio").Add("nowhere.m4a", "audio").Add("a.mp4", "video").Write();

        foreach (var dry in (bool[])[true, false])
        {
            var events = await _world.RunAsync(new() { DryRun = dry });
            var failures = dry
                ? events.OfType<TransferEvent.Planned>().SelectMany(planned => planned.Plan.Items).Select(item => item.Failure).OfType<Failure>()
                : events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure);
            Assert.Equal(["EscapesRoot", "TargetIsNotAFile", "TargetIsNotAFile"], failures.Select(failure => failure.Code).Order());
        }

        Assert.Equal("gone", new FileInfo(Path.Combine(at, "nowhere.m4a")).LinkTarget);
    }

    [Fact]
    public async Task A_plan_alone_marks_nothing()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        await _world.SyncAsync(new() { DryRun = true });
        Assert.False(File.Exists(Marker));
    }

    [RequiresFact("mount")]
    public async Task A_disk_that_is_not_mounted_gets_no_byte_and_is_used_again_when_it_is_back()
    {
        _disk = Mounted.Tmpfs("16m", at: _world.Nas);
        await SyncAsync("job_1");
        _disk.Dispose();

        _world.Job("job_2").Add("a.m4a", "audio").Write();
        var failed = await _world.RunAsync();
        var failure = Assert.Single(failed.OfType<TransferEvent.Failed>()).Failure;
        Assert.Equal((FailureClass.Unavailable, "DestinationUnavailable"), (failure.Class, failure.Code));
        Assert.Contains(_world.Nas, failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.DestinationUnavailable, Assert.IsType<TransferEvent.Finished>(failed[^1]).Result.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_root_that_is_gone_or_empty_at_an_SSH_host_gets_no_byte_until_it_is_accepted()
    {
        await using var server = await SshServer.StartAsync();
        var root = Path.Combine(server.Root, "volume/media");
        await LosesItsRootAsync(server.Config(root), root);
    }

    [RequiresFact("linux", "rsync", SshServer.Program)]
    public async Task A_root_that_is_gone_or_empty_at_the_other_end_of_rsync_over_ssh_gets_no_byte_until_it_is_accepted()
    {
        await using var server = await RsyncWorld.SshAsync();
        await LosesItsRootAsync(BelowVolume(server), Path.Combine(server.Root, "volume/media"), server.Environment);
    }

    [RequiresFact("linux", "rsync")]
    public async Task A_root_that_is_gone_or_empty_below_a_module_of_an_rsync_daemon_gets_no_byte_until_it_is_accepted()
    {
        await using var server = await RsyncWorld.DaemonAsync();
        await LosesItsRootAsync(BelowVolume(server), Path.Combine(server.Root, "volume/media"), server.Environment);
    }

    [RequiresFact("mount")]
    public async Task Another_disk_at_the_same_place_gets_no_byte_until_it_is_accepted()
    {
        using (Mounted.Tmpfs("16m", at: _world.Nas)) await SyncAsync("job_1");
        using var other = Mounted.Tmpfs("16m", at: _world.Nas);
        File.WriteAllText(Marker, "NasSync destination 11111111-1111-1111-1111-111111111111\n");

        _world.Job("job_2").Add("a.m4a", "audio").Write();
        Assert.Equal(["DestinationReplaced"], (await _world.FailuresAsync()).Select(failure => failure.Code));
        Assert.Empty(_world.NasFiles());

        using (var ledger = Ledger.Open(_world.Config.WorkDir)) Assert.True(ledger.ForgetPlace(_world.Nas));
        Assert.Equal(2, (await _world.SyncAsync()).Committed);
        Assert.Equal(["job_1/a.m4a", "job_2/a.m4a"], _world.NasFiles());
    }

    [RequiresFact("mount")]
    public async Task A_disk_that_goes_away_during_the_copy_takes_the_copy_with_it_and_nothing_gets_its_name_on_the_disk_below()
    {
        _disk = Mounted.Tmpfs("16m", at: _world.Nas);
        await SyncAsync("job_1");
        using var ledger = Ledger.Open(_world.Config.WorkDir);
        await using var place = new LocalDestination(_world.Nas, TimeProvider.System, new PlacesInLedger(ledger, TimeProvider.System));
        await using (var copy = await place.BeginWriteAsync(
            new() { Path = RelativePath.Parse("late"), Size = 5, MtimeNs = 0, Fingerprint = "f", Verify = VerifyLevel.Checksum }, default))
        {
            await copy.WriteAsync(0, "music"u8.ToArray(), default);
            _disk.Detach();
            var failure = (await Assert.ThrowsAsync<FailureException>(() => copy.CommitAsync(new string('0', 64), default).AsTask())).Failure;
            Assert.Equal(FailureClass.Unavailable, failure.Class);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    [RequiresFact("mount")]
    public async Task A_plan_a_run_and_a_test_say_the_same_of_places_below_a_mount_point_where_nothing_is_mounted()
    {
        var config = Path.Combine(_world.Root, "nas-sync.yaml");
        _world.Job().Add("a.m4a", "audio").Write();
        File.WriteAllText(config, $$"""
            nasSync:
              outputsDir: {{_world.Outputs}}
              workDir: {{_world.Config.WorkDir}}
              remoteRoots: { nas: {{_world.Nas}} }
              destinations:
                box: { type: rsync, target: "{{_world.Nas}}/box/" }
                disk: { type: local, root: {{_world.Nas}}/disk }
              routes: [ { match: { kind: audio }, to: ["${remoteRoots.nas}/a", "box:b", "disk:c"] } ]
            """);
        File.WriteAllText(Path.Combine(_world.Root, "fstab"), $"nas:/export {_world.Nas} nfs4 defaults 0 0\n");

        foreach (var command in (string[])["plan", "sync --dry-run", "sync"])
        {
            var run = await BelowAsync([.. command.Split(' '), "--json", "--config", config]);
            var codes = run.Of(command == "sync" ? "failed" : "planItem").Select(line => line.GetProperty("code").GetString());
            Assert.Equal(Enumerable.Repeat("DestinationUnavailable", 3), codes);
            Assert.Equal(7, run.ExitCode);
        }

        foreach (var place in (string[])["disk", "box", _world.Nas])
            Assert.Equal(7, (await BelowAsync("destination", "test", place, "--config", config)).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    [RequiresFact("mount")]
    public async Task An_archive_below_a_mount_point_where_nothing_is_mounted_gets_no_job()
    {
        var attic = Path.Combine(_world.Root, "attic");
        var config = Path.Combine(_world.Root, "nas-sync.yaml");
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        File.WriteAllText(config, $$"""
            nasSync:
              outputsDir: {{_world.Outputs}}
              workDir: {{_world.Config.WorkDir}}
              finishedJobs: archive:{{attic}}/done
              routes: [ { to: "{{_world.Nas}}/${jobId}" } ]
            """);
        File.WriteAllText(Path.Combine(_world.Root, "fstab"), $"nas:/export {attic} nfs4 defaults 0 0\n");

        foreach (var command in (string[])["plan", "sync"])
        {
            var run = await BelowAsync(command, "--json", "--config", config);
            var warned = Assert.Single(run.Of("warned"), line => line.GetProperty("code").GetString() == "ArchiveElsewhere");
            Assert.Contains(
                $"at the mount point {attic}, and nothing is mounted there", warned.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.True(File.Exists(job.ManifestPath));
            Assert.False(Directory.Exists(attic));
        }

        Assert.True(File.Exists(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Fact]
    public async Task A_place_whose_mark_was_removed_is_refused_even_for_reading()
    {
        await SyncAsync("job_1");
        File.Delete(Marker);
        using var ledger = Ledger.Open(_world.Config.WorkDir);
        await using var place = new LocalDestination(_world.Nas, TimeProvider.System, new PlacesInLedger(ledger, TimeProvider.System));
        var failure =
            (await Assert.ThrowsAsync<FailureException>(() => place.StatAsync(RelativePath.Parse("job_1/a.m4a"), default).AsTask())).Failure;
        Assert.Contains("nassync destination accept", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_that_knows_nothing_takes_the_mark_that_is_there()
    {
        await SyncAsync("job_1");
        var mark = File.ReadAllText(Marker);
        Directory.Delete(_world.Config.WorkDir, recursive: true);
        await SyncAsync("job_2");
        Assert.Equal(mark, File.ReadAllText(Marker));
    }

    private static RsyncDestinationConfig BelowVolume(RsyncWorld server) =>
        server.Config with { Name = "studio", Target = server.Target + "/volume/media" };

    // The first copies are made; then the volume is gone, then its mount point is empty, and then someone says that it begins anew.
    private static async Task LosesItsRootAsync(DestinationConfig studio, string root, IReadOnlyDictionary<string, string>? variables = null)
    {
        using var world = new SyncWorld { Variables = variables ?? new Dictionary<string, string>() };
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig> { ["studio"] = studio },
            Routes = [new Route { Number = 1, To = ["studio:${jobId}"], Release = ReleasePolicy.Delete }],
        };
        world.Job().Add("a.m4a", "audio").Write();

        // It is there, as a volume is: of a root that the run made the source would stay.
        Directory.CreateDirectory(root);
        Assert.Equal(1, (await world.SyncAsync()).Committed);
        var volume = Path.GetDirectoryName(root)!;
        Directory.Move(volume, volume + "-away");

        world.Job("job_2").Add("a.m4a", "audio").Write();
        await RefusesAsync(world, "is not there");
        Assert.False(Directory.Exists(root));
        Directory.CreateDirectory(root);
        await RefusesAsync(world, "is empty");
        Assert.Empty(Directory.EnumerateFileSystemEntries(root));
        Assert.True(File.Exists(Path.Combine(world.Outputs, "job_2/a.m4a")));

        Directory.Delete(volume, recursive: true);
        Directory.Move(volume + "-away", volume);
        Assert.Equal(1, (await world.SyncAsync()).Committed);
        Directory.Delete(Path.Combine(root, "job_1"), recursive: true);
        Directory.Delete(Path.Combine(root, "job_2"), recursive: true);
        world.Job("job_3").Add("a.m4a", "audio").Write();
        for (var again = 0; again < 2; again++)
        {
            using var ledger = Ledger.Open(world.Config.WorkDir);
            Assert.True(PlaceToAccept.Of(world.Config, "studio", path => path)!.Accept(ledger));
        }

        Assert.Equal(1, (await world.SyncAsync()).Committed);

        // What was accepted is over once a copy was made, also where the ledger is lost as well.
        Directory.Delete(Path.Combine(root, "job_3"), recursive: true);
        foreach (var file in Directory.GetFiles(world.Config.WorkDir, "ledger.db*")) File.Delete(file);
        foreach (var job in Directory.GetDirectories(world.Outputs)) Directory.Delete(job, recursive: true);
        world.Job("job_4").Add("a.m4a", "audio").Write();
        await RefusesAsync(world, "is empty");
    }

    // A plan and a run say the same, and the run makes nothing.
    private static async Task RefusesAsync(SyncWorld world, string what)
    {
        foreach (var dry in (bool[])[true, false])
        {
            var events = await world.RunAsync(new() { DryRun = dry });
            var failures = dry
                ? events.OfType<TransferEvent.Planned>().SelectMany(planned => planned.Plan.Items).Select(item => item.Failure).OfType<Failure>()
                : events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure);
            var failure = Assert.Single(failures);
            Assert.Equal((FailureClass.Unavailable, "DestinationUnavailable"), (failure.Class, failure.Code));
            Assert.Contains(what, failure.Message, StringComparison.Ordinal);
            Assert.Contains("nassync destination accept 'studio'", failure.Hint, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _disk?.Dispose();
        _world.Dispose();
        _mountPoint.Dispose();
    }

    private string Marker => Path.Combine(_world.Nas, PlaceMarker.Name);

    // With a table of file systems that names the folder, which only this program sees.
    private Task<Nassync> BelowAsync(params string[] arguments)
    {
        var script = $"mount --bind '{_world.Root}/fstab' /etc/fstab && exec \"$@\"";
        return Nassync.RunUnderAsync(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"], arguments);
    }

    private async Task SyncAsync(string job)
    {
        _world.Job(job).Add("a.m4a", "audio").Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
    }
}
