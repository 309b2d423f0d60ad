using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>An outputs folder that is missing or not mounted is never taken for one without jobs.</summary>
public sealed class SourceUnavailableTests : IDisposable
{
    private readonly SyncWorld _world = new();

    [Fact]
    public async Task A_folder_that_is_not_there_stops_the_run_with_7_and_nothing_is_recorded()
    {
        Directory.Delete(_world.Outputs);
        await ExpectUnavailableAsync("is not there");
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Empty(ledger.Failures());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_folder_that_is_not_there_any_more_lets_nothing_be_forgotten(bool dryRun)
    {
        _world.Job("job_1").Add("a.m4a", "audio").Write();
        var late = _world.Job("job_2").Declare("late.m4a", "audio");
        late.Write();
        await _world.SyncAsync();
        var away = _world.Outputs + ".away";
        Directory.Move(_world.Outputs, away);

        await ExpectUnavailableAsync("is not there", new SyncRequest { DryRun = dryRun });
        using (var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir)) Assert.Equal("SourceGone", Assert.Single(ledger.Failures()).Failure.Code);
        Assert.Single(_world.Recorded());

        Directory.Move(away, _world.Outputs);
        File.WriteAllText(Path.Combine(late.Folder, "late.m4a"), "late");
        var result = await _world.SyncAsync();
        Assert.Equal((1, 1, 0), (result.Committed, result.Unchanged, result.Failed));
    }

    [RequiresFact("mount")]
    public async Task A_disk_that_is_not_mounted_any_more_stops_the_run()
    {
        using (Mounted.Tmpfs("16m", at: _world.Outputs))
        {
            _world.Job().Add("a.m4a", "audio").Write();
            await _world.SyncAsync();
        }

        await ExpectUnavailableAsync("holds no jobs and lies on another file system than before (");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Outputs));

        // Back again, it is the one it was.
        using (Mounted.Tmpfs("16m", at: _world.Outputs))
        {
            _world.Job("job_2").Add("b.m4a", "audio").Write();
            Assert.Equal(1, (await _world.SyncAsync()).Committed);
        }
    }

    [Fact]
    public async Task An_empty_folder_on_the_file_system_of_before_has_no_jobs_and_that_is_all()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        Directory.Delete(job.Folder, recursive: true);
        var result = await _world.SyncAsync();
        Assert.Equal((0, ExitCode.Ok), (result.Manifests, result.ExitCode));
    }

    [Fact]
    public async Task Another_file_system_is_told_by_its_mount_and_its_number_together()
    {
        var (now, holdsJobs) = (new FolderIdentity(1, 2, "nfs4 nas:/out at /data"), _world.Job().Add("a.m4a", "audio"));
        holdsJobs.Write();
        Assert.Equal(ExitCode.Ok, (await RunAsync()).ExitCode);
        Directory.Delete(holdsJobs.Folder, recursive: true);

        // A restart numbers anew; a service may see another table of mounts.
        now = now with { Device = 7 };
        Assert.Equal(ExitCode.Ok, (await RunAsync()).ExitCode);
        now = new FolderIdentity(1, 2, "nfs4 nas:/out at /data/outputs");
        Assert.Equal(ExitCode.Ok, (await RunAsync()).ExitCode);
        now = new FolderIdentity(9, 2, "ext4 at /");
        Assert.Equal(ExitCode.DestinationUnavailable, (await RunAsync()).ExitCode);

        // With jobs it is the place by now.
        _world.Job("job_2").Add("b.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, (await RunAsync()).ExitCode);
        Directory.Delete(Path.Combine(_world.Outputs, "job_2"), recursive: true);
        Assert.Equal(ExitCode.Ok, (await RunAsync()).ExitCode);

        async Task<SyncResult> RunAsync()
        {
            var events = new List<TransferEvent>();
            await foreach (var one in new SyncEngine(_world.Config) { Identify = _ => now }.RunAsync(new SyncRequest())) events.Add(one);
            return ((TransferEvent.Finished)events[^1]).Result;
        }
    }

    [Fact]
    public async Task Two_file_systems_whose_mounts_are_unknown_are_not_taken_for_one()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        Assert.Equal(ExitCode.Ok, (await RunAsync(new FolderIdentity(1, 2, ""))).Result.ExitCode);
        Directory.Delete(job.Folder, recursive: true);
        Assert.Equal(ExitCode.Ok, (await RunAsync(new FolderIdentity(1, 2, ""))).Result.ExitCode);

        var (result, failure) = await RunAsync(new FolderIdentity(9, 2, ""));
        Assert.Equal(ExitCode.DestinationUnavailable, result.ExitCode);
        Assert.Contains("another file system than before (an unknown one, not an unknown one)", failure!.Message, StringComparison.Ordinal);

        async Task<(SyncResult Result, Failure? Failure)> RunAsync(FolderIdentity now)
        {
            var events = new List<TransferEvent>();
            await foreach (var one in new SyncEngine(_world.Config) { Identify = _ => now }.RunAsync(new SyncRequest())) events.Add(one);
            return (((TransferEvent.Finished)events[^1]).Result, events.OfType<TransferEvent.Failed>().FirstOrDefault()?.Failure);
        }
    }

    [Fact]
    public async Task A_marker_that_was_seen_must_stay()
    {
        var marker = Path.Combine(_world.Outputs, OutputsPlace.MarkerName);
        File.WriteAllText(marker, "");
        await _world.SyncAsync();
        _world.Job().Add("a.m4a", "audio").Write();
        File.Delete(marker);
        await ExpectUnavailableAsync("has no .nassync-source, though it had one before");
        File.WriteAllText(marker, "another disk");
        await ExpectUnavailableAsync("has another .nassync-source than before");
        Assert.Empty(_world.NasFiles());

        using (var ledger = Ledger.Open(_world.Config.WorkDir)) Assert.True(ledger.ForgetSource(_world.Outputs));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [Fact]
    public async Task A_folder_that_goes_away_during_the_run_is_not_taken_for_seen_as_a_whole()
    {
        for (var i = 0; i < 3; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                if (Directory.Exists(_world.Outputs)) Directory.Move(_world.Outputs, _world.Outputs + ".away");
                return ValueTask.FromResult(true);
            },
        };
        var events = await _world.RunAsync(request);
        Assert.Contains(
            events.OfType<TransferEvent.Failed>(),
            failed => failed.Failure is { Code: "SourceUnavailable", Class: FailureClass.Unavailable });
        Assert.Equal(ExitCode.DestinationUnavailable, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }

    [Fact]
    public async Task NasSync_writes_nothing_into_the_outputs_folder()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        var before = Directory.EnumerateFileSystemEntries(_world.Outputs, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        await _world.SyncAsync();
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_world.Outputs, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        // A test may end while the folder is away.
        Directory.CreateDirectory(_world.Outputs);
        _world.Dispose();
    }

    private async Task ExpectUnavailableAsync(string said, SyncRequest? request = null)
    {
        var events = await _world.RunAsync(request);
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.Unavailable, "SourceUnavailable"), (failed.Failure.Class, failed.Failure.Code));
        Assert.Contains(said, failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.DestinationUnavailable, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }
}
