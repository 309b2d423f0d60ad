using System.Diagnostics;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Tests.Verifying;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>
/// A source is removed only where its route says so, only after every copy is recorded, only while it is what was copied, and never when it is the
/// very file that a copy is: each way in which that could go wrong.
/// </summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly SyncWorld _world = new();
    private readonly List<TransferEvent> _events = [];

    public ReleaseTests() => _world.Route = Delete("${remoteRoots.nas}/${jobId}");

    [Fact]
    public async Task Not_when_it_is_the_manifest_by_which_runs_find_the_job()
    {
        var manifest = _world.Job().Declare("manifest.json", "other").Declare("late.m4a", "audio").Write();
        var events = await _world.RunAsync();
        Assert.Contains("the job's manifest", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(manifest));
        Assert.Single(Codes(await _world.RunAsync()));
    }

    [RequiresFact("linux", "ln")]
    public async Task Not_when_the_copy_is_a_hard_link_to_it()
    {
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1"));
        await CommandAsync("ln", source, Copy());
        Assert.Equal(["TargetIsSource"], Codes(await _world.RunAsync()));
        Assert.True(File.Exists(source));
    }

    [RequiresFact("linux", "ln")]
    public async Task Not_when_something_has_made_the_copy_a_hard_link_to_it_since_it_was_recorded()
    {
        // As a program does that finds equal files on one disk and links them.
        _world.Route = Delete("${remoteRoots.nas}/${jobId}") with { Release = ReleasePolicy.Keep };
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.SyncAsync();
        File.Delete(Copy());
        await CommandAsync("ln", source, Copy());
        _world.Route = Delete("${remoteRoots.nas}/${jobId}");
        await _world.RunAsync();
        await _world.RunAsync();
        Assert.True(File.Exists(source));
        Assert.True(File.Exists(Copy()));
    }

    [RequiresFact("mount")]
    public async Task Not_when_the_destination_is_the_job_folder_seen_at_another_place()
    {
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1"));
        await CommandAsync("mount", "--bind", Path.GetDirectoryName(source)!, Path.Combine(_world.Nas, "job_1"));
        try
        {
            Assert.Equal(["TargetIsSource"], Codes(await _world.RunAsync()));
            Assert.True(File.Exists(source));
        }
        finally
        {
            await CommandAsync("umount", "-l", Path.Combine(_world.Nas, "job_1"));
        }
    }

    [RequiresFact("linux")]
    public async Task Not_when_the_route_leads_back_into_the_job_folder()
    {
        _world.Route = Delete($"{_world.Outputs}/${{jobId}}");
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        Assert.Equal(["TargetIsSource"], Codes(await _world.RunAsync()));
        Assert.True(File.Exists(source));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("linked folder")]
    public async Task Not_when_another_artifact_is_the_same_file(string how)
    {
        // The other one cannot be copied yet, and would never be if its file went with the first one.
        File.WriteAllText(Path.Combine(_world.Root, "blocked"), "");
        _world.Config = _world.Config with
        {
            Routes =
            [
                new Route { Number = 1, Kind = "audio", To = ["${remoteRoots.nas}/audio"], Release = ReleasePolicy.Delete },
                new Route { Number = 2, Kind = "stems", To = [Path.Combine(_world.Root, "blocked/stems")] },
            ],
        };
        var job = _world.Job().Add("real/a.m4a", "audio");
        if (how == "link") File.CreateSymbolicLink(Path.Combine(job.Folder, "b.m4a"), "real/a.m4a");
        else Directory.CreateSymbolicLink(Path.Combine(job.Folder, "other"), "real");
        job.Declare(how == "link" ? "b.m4a" : "other/a.m4a", "stems").Write();

        var events = await _world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(Path.Combine(job.Folder, "real/a.m4a")));

        var told = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal(
            ("SourceKept", true),
            (told.Code, told.Message.EndsWith("another artifact of the job is the same file.", StringComparison.Ordinal)));

        // Nor is the copy read again and again for it.
        Assert.Contains((await _world.RunAsync()).OfType<TransferEvent.Skipped>(), skipped => skipped.Kind == SkipKind.Unchanged);
    }

    [RequiresFact("mount")]
    public async Task What_cannot_be_removed_is_a_failure_that_counts_its_tries_until_the_source_goes()
    {
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        using var mounted = Mounted.Bind(_world.Outputs, _world.Outputs);
        await CommandAsync("mount", "-o", "remount,ro,bind", _world.Outputs);
        await _world.RunAsync();
        Assert.Equal(["ReadOnlyFileSystem"], Codes(await _world.RunAsync()));
        Assert.True(File.Exists(source));
        using (var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir))
        {
            var failure = Assert.Single(ledger.Failures());
            Assert.Equal(("job_1: a.m4a", null, 2, "ReadOnlyFileSystem"), (failure.Subject, failure.Target, failure.Attempts, failure.Failure.Code));
            Assert.All(ledger.OfJob("job_1"), copy => Assert.Null(copy.ReleasedAt));
        }

        mounted.Detach();
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
        using (var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir)) Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task Not_when_it_changed_between_the_copy_and_the_record()
    {
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        var time = File.GetLastWriteTimeUtc(source);
        _world.Wrap = (_, place) => new Interrupted(place, DestinationCall.Commit, () =>
        {
            // Of the same length, so that only its time tells.
            File.WriteAllText(source, "job_1/A.m4a");
            File.SetLastWriteTimeUtc(source, time.AddSeconds(1));
        });
        var events = await _world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.Equal("job_1/A.m4a", File.ReadAllText(source));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("skipped")]
    [InlineData("refused")]
    [InlineData("not approved")]
    public async Task Not_when_one_of_its_destinations_has_no_copy(string why)
    {
        var other = Path.Combine(_world.Root, "other");
        _world.Route =
            Delete("${remoteRoots.nas}/${jobId}", other) with { OnConflict = why == "skipped" ? ConflictPolicy.Skip : ConflictPolicy.Fail };
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        if (why == "failed") File.WriteAllText(other, "");
        if (why is "skipped" or "refused")
        {
            Directory.CreateDirectory(other);
            File.WriteAllText(Path.Combine(other, "a.m4a"), "someone else's");
        }

        var request = why == "not approved" ? new SyncRequest { Approve = (item, _) => ValueTask.FromResult(item.Target!.Root != other) } : null;
        var events = await _world.RunAsync(request);
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task Not_before_a_copy_that_was_lost_since_an_earlier_run_is_made_again()
    {
        var other = Path.Combine(_world.Root, "other");
        File.WriteAllText(other, "");
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", other);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.SyncAsync();

        // Meanwhile the first copy was lost; the ledger does not know.
        File.Delete(Copy());
        File.Delete(other);
        Directory.CreateDirectory(other);
        var events = await _world.RunAsync();
        Assert.Equal(2, events.OfType<TransferEvent.Committed>().Count());
        Assert.Single(events.OfType<TransferEvent.Released>());
        Assert.False(File.Exists(source));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy()));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Path.Combine(other, "a.m4a")));
    }

    [Fact]
    public async Task Not_while_only_the_ledger_speaks_for_the_content_of_one_of_its_copies_and_the_next_run_reads_them_all()
    {
        var other = Path.Combine(_world.Root, "other");
        File.WriteAllText(other, "");
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", other);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.SyncAsync();

        // Meanwhile the first copy rotted: its size and time are as they were.
        Verified.Rot(Copy());
        File.Delete(other);
        var events = await _world.RunAsync();
        Assert.Equal(other, Assert.Single(events.OfType<TransferEvent.Committed>()).Item.Target!.Root);
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(source));

        await _world.SyncAsync();
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy()));
        await _world.SyncAsync();
        Assert.False(File.Exists(source));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy()));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Path.Combine(other, "a.m4a")));
    }

    [Fact]
    public async Task Not_by_a_retry_that_is_about_one_of_two_failed_copies()
    {
        var (second, third) = (Path.Combine(_world.Root, "second"), Path.Combine(_world.Root, "third"));
        File.WriteAllText(second, "");
        File.WriteAllText(third, "");
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", second, third);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.SyncAsync();
        File.Delete(second);
        File.Delete(third);
        RecordedFailure failure;
        using (var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir))
            failure = ledger.Failures().Single(one => one.Target!.Root == second);

        var events = await _world.RunAsync(new SyncRequest { Failures = [failure] });
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task Not_by_a_dry_run()
    {
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.RunAsync(new SyncRequest { DryRun = true });
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task Not_when_one_of_several_copies_is_not_recorded_because_the_run_was_stopped()
    {
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", Path.Combine(_world.Root, "stops"));
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        using var stop = new CancellationTokenSource();
        _world.Wrap = (target, place) => target.Root.EndsWith("stops", StringComparison.Ordinal) ? new Stops(place, stop) : place;
        var events = await _world.RunAsync(cancellationToken: stop.Token);
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task Not_when_it_lies_in_the_folder_of_another_job()
    {
        var job = _world.Job().Add("inner/a.m4a", "audio");
        new SampleJob(job.Folder, "inner").Declare("a.m4a", "audio").Write();
        var source = Path.Combine(job.Folder, "inner/a.m4a");
        job.Write();
        var events = await _world.RunAsync(new SyncRequest { Paths = [job.ManifestPath] });
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(["SourceOfAnotherJob"], Codes(events));
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task Not_through_a_link_whose_own_name_would_go()
    {
        var job = _world.Job().Declare("link.m4a", "audio");
        File.WriteAllText(Path.Combine(job.Folder, "real.m4a"), "music");
        File.CreateSymbolicLink(Path.Combine(job.Folder, "link.m4a"), "real.m4a");
        job.Write();
        var events = await _world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(Path.Combine(job.Folder, "real.m4a")));
        Assert.NotNull(new FileInfo(Path.Combine(job.Folder, "link.m4a")).LinkTarget);
    }

    [Fact]
    public async Task But_when_every_copy_was_made_and_recorded()
    {
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", Directory.CreateDirectory(Path.Combine(_world.Root, "other")).FullName);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
        Assert.False(File.Exists(source));
        Assert.True(File.Exists(Path.Combine(_world.Outputs, "job_1/manifest.json")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task But_in_the_run_that_makes_the_copy_which_a_narrowed_run_left_out_once_the_other_one_was_read_again(bool isRotten)
    {
        var other = Directory.CreateDirectory(Path.Combine(_world.Root, "other")).FullName;
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", other);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        var narrowed = await _world.SyncAsync(new SyncRequest { Only = [new MeantItem(Path.GetDirectoryName(source)!, "a.m4a", Copy())] });
        Assert.Equal((1, true), (narrowed.Committed, File.Exists(source)));
        if (isRotten) Verified.Rot(Copy());

        foreach (var dryRun in (bool[])[true, false])
        {
            var events = await _world.RunAsync(new SyncRequest { DryRun = dryRun });
            var items = Assert.Single(events.OfType<TransferEvent.Planned>()).Plan.Items;
            Assert.Equal([isRotten ? PlanAction.Copy : PlanAction.Adopt, PlanAction.Copy], items.Select(item => item.Action));
            Assert.All(items, item => Assert.True(item.RemovesSource));
            Assert.Equal(dryRun ? 0 : 1, events.OfType<TransferEvent.Released>().Count());
        }

        Assert.False(File.Exists(source));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy()));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Path.Combine(other, "a.m4a")));
        Assert.All(_world.Recorded(), row => Assert.NotNull(row.ReleasedAt));
    }

    [Fact]
    public async Task A_copy_that_was_read_long_before_the_other_one_was_made_does_not_speak_for_itself()
    {
        var other = Directory.CreateDirectory(Path.Combine(_world.Root, "other")).FullName;
        var time = new ManualTime();
        _world.Time = time;
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", other);
        var source = Source(_world.Job().Add("a.m4a", "audio"));
        await _world.SyncAsync(new SyncRequest { Only = [new MeantItem(Path.GetDirectoryName(source)!, "a.m4a", Copy())] });

        // The other copy takes long, and the first one goes away meanwhile.
        _world.Wrap = (target, place) => target.Root == other ? new SlowCopy(place, () =>
        {
            time.Advance(TimeSpan.FromSeconds(90));
            File.Delete(Copy());
        }) : place;
        var events = await _world.RunAsync(new SyncRequest());
        Assert.Equal("SourceKept", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.True(File.Exists(source));

        // The next run makes it again.
        _world.Wrap = null;
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.True(File.Exists(Copy()));
        Assert.False(File.Exists(source));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("changed")]
    [InlineData("silent")]
    public async Task A_copy_that_this_run_made_long_before_the_last_one_is_looked_at_again(string what)
    {
        var isSilent = false;
        var source = await SlowRunAsync(
            () =>
            {
                if (what == "gone") File.Delete(Copy());
                if (what == "changed") File.WriteAllText(Copy(), "job_1/A.m4a");
                isSilent = what == "silent";
            },
            place => new Silent(place, () => isSilent));

        var kept = Assert.Single(_events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("SourceKept", kept.Code);
        Assert.Contains(
            what switch { "gone" => "is not there any more", "changed" => "was changed after it was made", _ => "could not be looked at again" },
            kept.Message,
            StringComparison.Ordinal);
        Assert.Equal(2, _events.OfType<TransferEvent.Committed>().Count());
        Assert.Empty(_events.OfType<TransferEvent.Released>());
        Assert.True(File.Exists(source));
        Assert.All(_world.Recorded(), row => Assert.Null(row.ReleasedAt));

        // The next run proves both, or makes one again, and then removes it.
        _world.Wrap = null;
        Assert.Equal(what == "silent" ? 0 : 1, (await _world.SyncAsync()).Committed);
        Assert.False(File.Exists(source));
        var copies = Directory.EnumerateFiles(_world.Root, "a*.m4a", SearchOption.AllDirectories);
        Assert.Equal(2, copies.Count(copy => File.ReadAllText(copy) == "job_1/a.m4a"));
    }

    [Fact]
    public async Task A_copy_that_still_stands_long_after_it_was_made_lets_its_source_go()
    {
        var source = await SlowRunAsync(() => { }, place => place);
        Assert.Empty(_events.OfType<TransferEvent.Warned>());
        Assert.Equal("a.m4a", Assert.Single(_events.OfType<TransferEvent.Released>()).Artifact.Path);
        Assert.False(File.Exists(source));
        Assert.All(_world.Recorded(), row => Assert.NotNull(row.ReleasedAt));
    }

    [Theory]
    [InlineData(ReleasePolicy.Delete)]
    [InlineData(ReleasePolicy.Keep)]
    public async Task The_folder_of_a_job_does_not_go_either_while_one_of_its_older_copies_is_lost(ReleasePolicy release)
    {
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Remove) };
        var source = await SlowRunAsync(() => File.Delete(Copy()), place => place, release);
        Assert.Empty(_events.OfType<TransferEvent.JobCleared>());
        Assert.True(File.Exists(source));

        _world.Wrap = null;
        Assert.Equal("job_1", Assert.Single((await _world.RunAsync()).OfType<TransferEvent.JobCleared>()).Manifest.JobId);
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy()));
    }

    public void Dispose() => _world.Dispose();

    // Copies to two folders. The second copy takes long after the first one is recorded; meanwhile something happens.
    private async Task<string> SlowRunAsync(
        Action meanwhile, Func<IDestination, IDestination> first, ReleasePolicy release = ReleasePolicy.Delete)
    {
        var other = Directory.CreateDirectory(Path.Combine(_world.Root, "other")).FullName;
        var time = new ManualTime();
        _world.Time = time;
        _world.Route = Delete("${remoteRoots.nas}/${jobId}", other) with { Release = release };
        var source = Source(_world.Job().Add("a.m4a", "audio", declare: true));
        var recorded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _world.Wrap = (target, place) => target.Root != other ? first(place) : new LateCopy(place, recorded.Task, () =>
        {
            time.Advance(TimeSpan.FromSeconds(90));
            meanwhile();
        });
        await foreach (var one in _world.Engine().RunAsync(new SyncRequest()))
        {
            _events.Add(one);
            if (one is TransferEvent.Committed) recorded.TrySetResult();
        }

        return source;
    }

    private sealed class LateCopy(IDestination inner, Task after, Action atCommit) : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            await after;
            atCommit();
            return await call();
        }
    }

    private sealed class Silent(IDestination inner, Func<bool> isSilent) : DestinationDecorator(inner)
    {
        protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
            operation == DestinationCall.Stat && isSilent()
                ? throw new FailureException(new Failure(FailureClass.Unavailable, "DestinationUnavailable", "It does not answer.", "Wait."))
                : call();
    }

    private sealed class SlowCopy(IDestination inner, Action atCommit) : DestinationDecorator(inner)
    {
        protected override ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            atCommit();
            return call();
        }
    }

    private string Copy() => Path.Combine(_world.Nas, "job_1/a.m4a");

    private static Route Delete(params string[] to) => new() { Number = 1, To = to, Release = ReleasePolicy.Delete };

    private static string Source(SampleJob job)
    {
        job.Write();
        return Path.Combine(job.Folder, "a.m4a");
    }

    private static IEnumerable<string> Codes(IEnumerable<TransferEvent> events) =>
        events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code);

    private static async Task CommandAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    // Stops the run before its commit.
    private sealed class Stops(IDestination inner, CancellationTokenSource stop) : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation == DestinationCall.Commit) await stop.CancelAsync();
            return await call();
        }
    }
}
