using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>
/// A copy whose source was released may be the only one left of its bytes; and a file that was only found is nobody's reason to remove a source.
/// </summary>
public sealed class OnlyCopyTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public OnlyCopyTests() => Policy(ConflictPolicy.KeepBoth);

    private string Copy => Path.Combine(_world.Nas, "job_1/a.m4a");

    private string Ledger => Path.Combine(_world.Config.WorkDir, "ledger.db");

    public void Dispose() => _world.Dispose();

    private IReadOnlyList<RecordedFailure> Failures()
    {
        using var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir);
        return ledger.Failures();
    }

    [Fact]
    public async Task The_same_job_in_a_new_folder_gets_a_name_of_its_own_and_both_copies_stay_recorded()
    {
        await ReleaseAsync("the first song");
        Directory.Delete(Path.Combine(_world.Outputs, "job_1"), recursive: true);

        var events = await Again("another song");

        var committed = Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Null(committed.Item.Replaced);
        Assert.Single(events.OfType<TransferEvent.Released>());
        Assert.Equal("the first song", File.ReadAllText(Copy));
        Assert.Equal("another song", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a (job_1).m4a")));
        Assert.Equal(
            [("a (job_1).m4a", false), ("a.m4a", true)],
            _world.Recorded().Select(row => (row.Target.RelativePath.FileName, row.IsFormer)).Order());
        Assert.All(_world.Recorded(), row => Assert.NotNull(row.ReleasedAt));
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task Only_an_explicit_policy_replaces_it_and_the_event_says_what_was_replaced()
    {
        await ReleaseAsync("the first song");
        Policy(ConflictPolicy.Fail);
        Assert.Equal(["TargetExists"], (await Again("another song")).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Policy(ConflictPolicy.Overwrite);

        var committed = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Committed>());

        Assert.Equal("another song", File.ReadAllText(Copy));
        Assert.Equal(new ReplacedFile(14, MemoryWorld.Hash("the first song"), "job_1", "a.m4a"), committed.Item.Replaced);
        Assert.Equal(committed.Item.Replaced, SyncItem.From(committed)!.Replaced);
        Assert.Contains(
            $"\"replaced\":{{\"size\":14,\"sha256\":\"{MemoryWorld.Hash("the first song")}\",\"jobId\":\"job_1\",\"artifact\":\"a.m4a\"}}",
            NasSync.Transfers.TransferEventJson.ToLine(committed),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_declares_another_file_after_the_release_misses_it()
    {
        await ReleaseAsync("the first song");
        Declare("job_1", "another song");

        Assert.Equal(["SourceGone"], (await _world.FailuresAsync()).Select(failure => failure.Code));
        Assert.Equal("the first song", File.ReadAllText(Copy));

        Declare("job_1", "the first song");
        Assert.Equal((0, 1), (await _world.SyncAsync()) is var result ? (result.Failed, result.Unchanged) : default);
    }

    [Fact]
    public async Task Copies_that_are_all_lost_are_not_named_for_one_another()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/two"], Release = ReleasePolicy.Delete };
        await ReleaseAsync("the first song");
        File.Delete(Copy);
        File.WriteAllText(Path.Combine(_world.Nas, "two/a.m4a"), "something else");

        var failures = (await _world.RunAsync(new NasSync.Transfers.SyncRequest { Force = true })).OfType<TransferEvent.Failed>().ToList();

        Assert.Equal(2, failures.Count);
        Assert.All(failures, failed =>
            Assert.EndsWith("put the file into the job folder; no intact copy is left.", failed.Failure.Hint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gone", "is not there any more")]
    [InlineData("changed", "is not as it was recorded")]
    public async Task A_released_source_whose_copy_is_lost_is_told_with_what_happened_and_where_it_may_still_be(string how, string what)
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/two"], Release = ReleasePolicy.Delete };
        await ReleaseAsync("the first song");
        if (how == "gone") File.Delete(Copy);
        else File.WriteAllText(Copy, "something else");

        var events = await _world.RunAsync(new NasSync.Transfers.SyncRequest { Force = true });

        var failure = Assert.Single(events.OfType<TransferEvent.Failed>()).Failure;
        Assert.Equal((FailureClass.Gone, "ReleasedCopyLost"), (failure.Class, failure.Code));
        Assert.Contains($"its copy at {Copy} {what}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("was released on ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"another copy at {Path.Combine(_world.Nas, "two/a.m4a")}", failure.Hint, StringComparison.Ordinal);

        // Until the copy is back no run forgets it, and a retry looks. A plain run takes the ledger's word, as of every source that was released.
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
        foreach (var dryRun in (bool[])[true, false])
        {
            var again = new NasSync.Transfers.SyncRequest { Failures = Failures(), DryRun = dryRun };
            Assert.Equal(1, (await _world.SyncAsync(again)).Failed);
        }

        File.Copy(Path.Combine(_world.Nas, "two/a.m4a"), Copy, overwrite: true);
        Assert.Equal(0, (await _world.SyncAsync(new NasSync.Transfers.SyncRequest { Failures = Failures() })).Failed);
        Assert.Empty(Failures());
    }

    [Fact]
    public async Task A_source_that_stayed_after_all_is_not_said_to_be_gone()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        var source = Path.Combine(job.Folder, "a.m4a");
        _world.Wrap = (_, place) => new AtCommit(place, () => File.SetLastWriteTimeUtc(source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Empty((await _world.RunAsync()).OfType<TransferEvent.Released>());

        Assert.Null(Assert.Single(_world.Recorded()).ReleasedAt);
    }

    [Fact]
    public async Task A_lost_ledger_learns_of_what_was_released_by_what_the_manifest_declares()
    {
        await ReleaseAsync("the first song");
        File.Delete(Ledger);
        Assert.Equal(["SourceGoneUnproven"], (await _world.FailuresAsync()).Select(failure => failure.Code));

        Declare("job_1", "the first song");
        var events = await _world.RunAsync();

        Assert.Equal(SkipKind.AlreadyPresent, Assert.Single(events.OfType<TransferEvent.Skipped>()).Kind);
        var row = Assert.Single(_world.Recorded());
        Assert.Equal((true, MemoryWorld.Hash("the first song")), (row.IsAdopted, row.Receipt.Sha256));
        Assert.NotNull(row.ReleasedAt);
        using (var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir)) Assert.Empty(ledger.Failures());
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task An_older_ledger_that_was_restored_believes_the_copies_and_not_itself()
    {
        _world.Config = _world.Config with { Routes = [new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"] }] };
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        var backup = File.ReadAllBytes(Ledger);
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "a newer version");
        Policy(ConflictPolicy.KeepBoth);
        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Released>());
        foreach (var part in Directory.EnumerateFiles(_world.Config.WorkDir, "ledger.db-*")) File.Delete(part);
        File.WriteAllBytes(Ledger, backup);
        Assert.Equal(["SourceGoneUnproven"], (await _world.FailuresAsync()).Select(failure => failure.Code));

        Declare("job_1", "a newer version");

        Assert.Equal(1, (await _world.SyncAsync()).AlreadyPresent);
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
        Assert.Equal("a newer version", File.ReadAllText(Copy));
    }

    [Fact]
    public async Task Two_ledgers_on_one_NAS_take_each_others_copies_for_what_they_are()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "the first song");
        var mine = _world.Config;
        Keep();
        await _world.SyncAsync();

        // Another host has the same file, and would remove it for the sake of a copy that is not its own.
        var theirs = Path.Combine(_world.Root, "theirs");
        var other = new SampleJob(theirs, "job_1").Add("a.m4a", "audio");
        other.Write();
        File.WriteAllText(Path.Combine(other.Folder, "a.m4a"), "the first song");
        _world.Config = mine with { OutputsDir = theirs, WorkDir = Path.Combine(_world.Root, "their-work") };
        var events = await _world.RunAsync();
        Assert.True(Assert.Single(events.OfType<TransferEvent.Skipped>()).Item.IsAdopted);
        Assert.Empty(events.OfType<TransferEvent.Released>());
        await _world.SyncAsync();
        Assert.Equal("the first song", File.ReadAllText(Path.Combine(other.Folder, "a.m4a")));

        // Nor does it replace what is the first one's.
        File.WriteAllText(Path.Combine(other.Folder, "a.m4a"), "their next song");
        await _world.SyncAsync();
        Assert.Equal("the first song", File.ReadAllText(Copy));
        Assert.Equal("their next song", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a (job_1).m4a")));
    }

    private async Task ReleaseAsync(string content) => Assert.Single((await Again(content)).OfType<TransferEvent.Released>());

    private async Task<IReadOnlyList<TransferEvent>> Again(string content)
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), content);
        return await _world.RunAsync();
    }

    private void Declare(string jobId, string content) => File.WriteAllText(
        Path.Combine(_world.Outputs, jobId, "manifest.json"),
        FormattableString.Invariant($$"""{"job_id":"{{jobId}}","artifacts":[{"kind":"audio","path":"a.m4a","size":{{content.Length}},"sha256":"{{MemoryWorld.Hash(content)}}"}]}"""));

    private void Policy(ConflictPolicy policy) =>
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], OnConflict = policy, Release = ReleasePolicy.Delete };

    private void Keep() => _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"] };

    private sealed class AtCommit(NasSync.Destinations.IDestination inner, Action act) : NasSync.Destinations.Pipeline.DestinationDecorator(inner)
    {
        protected override async ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            var done = await call();
            if (operation == DestinationCall.Commit) act();
            return done;
        }
    }
}
