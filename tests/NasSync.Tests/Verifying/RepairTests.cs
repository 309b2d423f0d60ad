using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Verifying;

/// <summary>What <c>sync --repair</c> does with what <c>verify</c> has found: no more than the plan says, and only while it still holds.</summary>
public sealed class RepairTests : IDisposable
{
    private readonly SyncWorld _world = new();

    private string Copy => Path.Combine(_world.Nas, "job_1/a.m4a");

    private string Source => Path.Combine(_world.Outputs, "job_1/a.m4a");

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task What_is_missing_or_damaged_is_made_again_with_a_new_receipt_and_nothing_else_is_touched()
    {
        _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Add("c.m4a", "audio").Write();
        await _world.SyncAsync();
        _world.Job("job_2").Add("d.m4a", "audio").Write();
        var before = _world.Recorded().ToDictionary(row => row.Artifact);
        File.Delete(Copy);
        Verified.Rot(Path.Combine(_world.Nas, "job_1/b.m4a"));

        var events = await _world.RepairAsync();

        Assert.Equal(["a.m4a", "b.m4a"], events.OfType<TransferEvent.Committed>().Select(one => one.Item.Artifact.Path).Order());
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        var after = _world.Recorded().ToDictionary(row => row.Artifact);
        Assert.All(["a.m4a", "b.m4a"], artifact => Assert.True(after[artifact].Receipt.CommittedAt > before[artifact].Receipt.CommittedAt));
        Assert.Equal(before["c.m4a"], after["c.m4a"]);
        Assert.Equal(["job_1/a.m4a", "job_1/b.m4a", "job_1/c.m4a"], _world.NasFiles());
        Assert.All((await _world.VerifyAsync()).Findings, finding => Assert.Equal(CopyState.Intact, finding.State));
        Assert.Equal((3, 1), ((await _world.SyncAsync()) is var next ? next.Unchanged : 0, next.Committed));
    }

    [Theory]
    [InlineData(ConflictPolicy.KeepBoth)]
    [InlineData(ConflictPolicy.Overwrite)]
    [InlineData(ConflictPolicy.Skip)]
    [InlineData(ConflictPolicy.Fail)]
    public async Task A_copy_that_someone_changed_is_not_overwritten_unless_the_route_says_so(ConflictPolicy policy)
    {
        await SyncAsync(new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], OnConflict = policy });
        File.WriteAllText(Copy, "somebody's own work");
        var events = await _world.RepairAsync();
        Assert.Equal(policy == ConflictPolicy.Overwrite ? "job_1/a.m4a" : "somebody's own work", File.ReadAllText(Copy));
        Assert.Equal(policy == ConflictPolicy.KeepBoth ? ["job_1/a (job_1).m4a", "job_1/a.m4a"] : ["job_1/a.m4a"], _world.NasFiles());
        Assert.Equal(
            policy == ConflictPolicy.Fail ? ["TargetExists"] : [],
            events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(
            policy == ConflictPolicy.Skip ? [SkipKind.Conflict] : [],
            events.OfType<TransferEvent.Skipped>().Select(skipped => skipped.Kind));
        if (policy is ConflictPolicy.KeepBoth or ConflictPolicy.Overwrite) Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [RequiresFact("linux")]
    public async Task Another_file_of_the_same_size_and_time_is_not_overwritten_either()
    {
        await SyncAsync();
        Replace("JOB_1/A.M4A");
        await _world.RepairAsync();
        Assert.Equal("JOB_1/A.M4A", File.ReadAllText(Copy));
        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
    }

    [Theory]
    [InlineData("other bytes", false)]
    [InlineData("same size and time", false)]
    [InlineData("gone", false)]
    [InlineData("back", true)]
    public async Task What_has_changed_since_it_was_verified_is_left_alone_and_said(string what, bool wasMissing)
    {
        await SyncAsync();
        if (wasMissing) File.Delete(Copy);
        else Verified.Rot(Copy);
        var plan = await _world.PlanAsync();
        Assert.Single(plan.Entries);

        if (what == "other bytes") File.WriteAllText(Copy, "written since");
        if (what == "same size and time") Verified.Rot(Copy, at: 5);
        if (what == "gone") File.Delete(Copy);
        if (what == "back") File.WriteAllText(Copy, "put there since");
        var before = Verified.Tree(_world.Nas);

        var events = await _world.RepairAsync(plan);

        var skipped = Assert.Single(events.OfType<TransferEvent.Skipped>());
        Assert.Equal(SkipKind.Stale, skipped.Kind);
        Assert.Equal(before, Verified.Tree(_world.Nas));
        Assert.Equal((1, 0, 0), Numbers(events));
    }

    [Fact]
    public async Task A_plan_is_carried_out_once()
    {
        await SyncAsync();
        File.Delete(Copy);
        var plan = await _world.PlanAsync();
        Assert.Equal((0, 1, 0), Numbers(await _world.RepairAsync(plan)));
        File.Delete(Copy);
        Assert.Equal((1, 0, 0), Numbers(await _world.RepairAsync(plan)));
        Assert.False(File.Exists(Copy));
    }

    [Fact]
    public async Task A_source_that_was_released_is_told_with_the_other_copy_and_nothing_else_happens()
    {
        await SyncAsync(new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/second"], Release = ReleasePolicy.Delete });
        Assert.False(File.Exists(Source));
        Verified.Rot(Copy);
        var (files, rows) = (Verified.Tree(_world.Nas), _world.Recorded());

        var failed = Assert.Single((await _world.RepairAsync()).OfType<TransferEvent.Failed>());

        Assert.Equal((FailureClass.Gone, "SourceGone"), (failed.Failure.Class, failed.Failure.Code));
        Assert.Contains($"another copy at {_world.Nas}/second/a.m4a", failed.Failure.Hint, StringComparison.Ordinal);
        Assert.Equal(files, Verified.Tree(_world.Nas));
        Assert.Equal(rows, _world.Recorded());
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task No_repair_releases_a_source()
    {
        await SyncAsync();
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };
        File.Delete(Copy);
        Assert.Equal((0, 1, 0), Numbers(await _world.RepairAsync()));
        Assert.True(File.Exists(Source));
    }

    [Fact]
    public async Task A_source_that_has_lost_bits_itself_replaces_neither_a_good_copy_nor_a_bad_one()
    {
        await SyncAsync(new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/second"] });
        _world.RotSource(Source);
        Verified.Rot(Copy, at: 4);
        var plan = await _world.PlanAsync();
        Assert.Equal(CopyState.Damaged, Assert.Single(plan.Entries).Finding);
        var before = Verified.Tree(_world.Nas);

        Assert.Equal(
            ["SourceDamaged"],
            (await _world.RepairAsync(plan, dryRun: true)).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        var failure = Assert.Single((await _world.RepairAsync(plan)).OfType<TransferEvent.Failed>()).Failure;
        Assert.Equal((FailureClass.Mismatch, "SourceDamaged"), (failure.Class, failure.Code));
        Assert.Equal(before, Verified.Tree(_world.Nas));

        // The same rule keeps --force from it.
        Assert.Equal(
            ["SourceDamaged", "SourceDamaged"],
            (await _world.RunAsync(new() { Force = true })).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(before, Verified.Tree(_world.Nas));
    }

    [Fact]
    public async Task A_source_with_lost_bits_and_a_missing_copy_is_not_sent()
    {
        await SyncAsync();
        _world.RotSource(Source);
        File.Delete(Copy);
        Assert.Equal(["SourceDamaged"], (await _world.RepairAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Empty(_world.NasFiles());
    }

    [Fact]
    public async Task A_source_with_lost_bits_is_not_released_when_a_later_run_comes_to_it()
    {
        await SyncAsync();
        _world.RotSource(Source);
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };
        Assert.Equal(["SourceDamaged"], (await _world.FailuresAsync()).Select(failure => failure.Code));
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy));
        Assert.True(File.Exists(Source));
    }

    [Fact]
    public async Task A_new_version_of_the_source_is_an_ordinary_syncs_business()
    {
        await SyncAsync();
        Verified.Rot(Copy);
        var plan = await _world.PlanAsync();
        File.WriteAllText(Source, "the next version");
        Assert.Equal((1, 0, 0), Numbers(await _world.RepairAsync(plan)));
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal("the next version", File.ReadAllText(Copy));
    }

    [Theory]
    [InlineData("source", "its source has changed since it was copied")]
    [InlineData("route", "no route leads there any more")]
    [InlineData("both", "no route leads there any more")]
    public async Task What_verifying_called_impossible_fails_with_the_reason_that_verifying_gave(string changed, string why)
    {
        await SyncAsync();
        Verified.Rot(Copy);
        if (changed is "source" or "both") File.WriteAllText(Source, "the next version");
        if (changed is "route" or "both") _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/elsewhere"] };
        var finding = await _world.VerifyOneAsync();
        Assert.Equal(RepairKind.Impossible, finding.Repair);
        Assert.Contains(why, finding.RepairReason, StringComparison.Ordinal);

        var failure = Assert.Single((await _world.RepairAsync()).OfType<TransferEvent.Failed>()).Failure;

        Assert.Equal((FailureClass.Gone, "RepairImpossible", ExitCode.FailedForGood), (failure.Class, failure.Code, ExitCodes.Of(failure)));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);

        // Where no route leads, the unchanged source is no cure.
        Assert.Equal(changed == "source", failure.Hint.StartsWith("A repair needs the unchanged source", StringComparison.Ordinal));
        Assert.Equal(changed != "source", failure.Hint.Contains("Let a route lead there again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_whose_manifest_is_gone_is_told_and_no_failure_is_recorded()
    {
        await SyncAsync();
        File.Delete(Copy);
        var plan = await _world.PlanAsync();
        Directory.Delete(Path.GetDirectoryName(Source)!, recursive: true);
        Assert.Equal(FailureClass.Gone, Assert.Single((await _world.RepairAsync(plan)).OfType<TransferEvent.Failed>()).Failure.Class);
        Assert.Equal(["JobGone"], (await _world.RepairAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done_and_changes_nothing()
    {
        await SyncAsync();
        File.Delete(Copy);
        var plan = await _world.PlanAsync();
        var before = Verified.Tree(_world.Root);
        var planned = Assert.Single((await _world.RepairAsync(plan, dryRun: true)).OfType<TransferEvent.Planned>());
        Assert.Equal(PlanAction.Copy, Assert.Single(planned.Plan.Items).Action);
        Assert.Equal(before, Verified.Tree(_world.Root));
    }

    [RequiresFact("mkfifo")]
    public async Task What_is_no_file_is_left_where_it_stands()
    {
        await SyncAsync();
        File.Delete(Copy);
        System.Diagnostics.Process.Start("mkfifo", [Copy])!.WaitForExit();
        Assert.Equal(["TargetIsNotAFile"], (await _world.RepairAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_difference_that_no_recorded_hash_decides_is_left_to_people()
    {
        await SyncAsync();
        using (var ledger = Ledger.Open(_world.Config.WorkDir))
            ledger.Record([.. ledger.OfJob("job_1")
                .Select(row => row with { Receipt = row.Receipt with { Sha256 = null, VerifiedBy = VerifiedBy.SharedExtents } })]);
        Verified.Rot(Copy);
        var before = Verified.Tree(_world.Nas);
        Assert.Equal(["RepairUndecided"], (await _world.RepairAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(before, Verified.Tree(_world.Nas));
    }

    private static (int Skipped, int Committed, int Failed) Numbers(IReadOnlyList<TransferEvent> events)
    {
        var result = Assert.IsType<TransferEvent.Finished>(events[^1]).Result;
        return (result.Skipped, result.Committed, result.Failed);
    }

    private void Replace(string content)
    {
        var time = File.GetLastWriteTimeUtc(Copy);
        File.WriteAllText(Copy + ".new", content);
        File.SetLastWriteTimeUtc(Copy + ".new", time);
        File.Move(Copy + ".new", Copy, overwrite: true);
    }

    private async Task SyncAsync(Route? route = null)
    {
        if (route is not null) _world.Route = route;
        _world.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
    }
}
