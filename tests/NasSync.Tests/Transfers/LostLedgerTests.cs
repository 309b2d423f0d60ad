using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A ledger that is gone or damaged: nothing is sent blindly, nothing is doubled, and no source is removed meanwhile.</summary>
public sealed class LostLedgerTests : IDisposable
{
    private readonly SyncWorld _world = new();

    private string Ledger => Path.Combine(_world.Config.WorkDir, "ledger.db");

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(ConflictPolicy.KeepBoth)]
    [InlineData(ConflictPolicy.Overwrite)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Fail)]
    public async Task What_stands_at_the_targets_is_taken_over_and_not_sent_again(ConflictPolicy policy)
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], OnConflict = policy };
        var job = _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio");
        job.Write();
        await _world.SyncAsync();

        // The second version replaced the first, so the row that is lost is one of a replaced copy too.
        File.WriteAllText(Path.Combine(job.Folder, "b.m4a"), "another version");
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        var files = _world.NasFiles();

        File.Delete(Ledger);
        var events = await _world.RunAsync();

        Assert.Equal("LedgerLost", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.IsType<TransferEvent.Warned>(events[0]);
        Assert.DoesNotContain(events, one => one is TransferEvent.Started { Item.Action: PlanAction.Copy });
        Assert.Equal((2, 0, 0), Counts(events));
        Assert.Equal(files, _world.NasFiles());
        Assert.Equal((0, 0, 2), Counts(await _world.RunAsync()));
    }

    [Fact]
    public async Task Jobs_that_share_a_name_find_their_own_copies_again()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"] };
        _world.Job("job_1").Add("Song.m4a", "audio").Write();
        _world.Job("job_2").Add("Song.m4a", "audio").Write();
        await _world.SyncAsync();
        Assert.Equal(["Song (job_2).m4a", "Song.m4a"], _world.NasFiles());

        File.WriteAllText(Ledger, new string('x', 8192));
        var events = await _world.RunAsync();

        Assert.Equal("LedgerSetAside", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.Equal((2, 0, 0), Counts(events));
        Assert.Equal(["Song (job_2).m4a", "Song.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_changed_source_does_not_replace_what_nobody_can_say_is_its_own()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "another version");
        File.Delete(Ledger);

        await _world.SyncAsync();

        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Fact]
    public async Task No_source_is_removed_for_a_copy_that_was_only_found()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        File.Delete(Ledger);
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };

        var rebuilding = await _world.RunAsync();
        Assert.Equal((1, 0, 0), Counts(rebuilding));
        Assert.Empty(rebuilding.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));

        // Nobody can tell it from a file of someone who may change it tomorrow, however often it is proved.
        Assert.Equal((0, 0, 1), Counts(await _world.RunAsync()));
        Assert.Empty((await _world.RunAsync(new SyncRequest { Force = true })).OfType<TransferEvent.Released>());
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));

        // One that is made anew is ours.
        File.Delete(Path.Combine(_world.Nas, "job_1/a.m4a"));
        Assert.Single((await _world.RunAsync(new SyncRequest { Force = true })).OfType<TransferEvent.Released>());
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task No_source_is_removed_until_a_run_went_to_its_end_and_the_next_proved_every_copy()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        File.Delete(Ledger);
        File.Delete(Path.Combine(_world.Nas, "job_1/a.m4a"));
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };

        var rebuilding = await _world.RunAsync();
        Assert.Equal((0, 1, 0), Counts(rebuilding));
        Assert.Empty(rebuilding.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));

        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
        Assert.False(File.Exists(Path.Combine(job.Folder, "a.m4a")));
    }

    [Fact]
    public async Task A_source_whose_copy_rotted_before_its_release_is_sent_again_and_not_lost()
    {
        var job = _world.Job().Add("a.m4a", "audio", content: [1, 2, 3, 4]);
        job.Write();
        // Whole seconds, which every way to set a time keeps.
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "a.m4a"), new DateTime(2026, 1, 14, 0, 0, 0, DateTimeKind.Utc));
        await _world.SyncAsync();

        // The run that recorded the copy was cut off before the release; meanwhile the copy lost a bit and kept its time.
        var copy = Path.Combine(_world.Nas, "job_1/a.m4a");
        var written = File.GetLastWriteTimeUtc(copy);
        File.WriteAllBytes(copy, [1, 2, 3, 5]);
        File.SetLastWriteTimeUtc(copy, written);
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };

        await _world.SyncAsync();

        Assert.Equal([1, 2, 3, 4], File.ReadAllBytes(copy));
    }

    [Fact]
    public async Task A_run_that_was_stopped_leaves_the_rebuild_open()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        File.Delete(Ledger);
        File.Delete(Path.Combine(_world.Nas, "job_1/a.m4a"));
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };
        using (var stop = new CancellationTokenSource())
        {
            await stop.CancelAsync();
            await _world.RunAsync(cancellationToken: stop.Token);
        }

        Assert.Empty((await _world.RunAsync()).OfType<TransferEvent.Released>());
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
    }

    [Fact]
    public async Task A_plan_says_that_the_ledger_is_gone_and_makes_none()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        File.Delete(Ledger);

        var events = await _world.RunAsync(new SyncRequest { DryRun = true });

        Assert.Equal("LedgerLost", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.Equal(PlanAction.Adopt, Assert.Single(Assert.Single(events.OfType<TransferEvent.Planned>()).Plan.Items).Action);
        Assert.False(File.Exists(Ledger));
    }

    private static (int Adopted, int Committed, int Unchanged) Counts(IEnumerable<TransferEvent> events)
    {
        var result = ((TransferEvent.Finished)events.Last()).Result;
        Assert.Equal((0, 0), (result.Failed, result.Skipped));
        return (result.AlreadyPresent, result.Committed, result.Unchanged);
    }
}
