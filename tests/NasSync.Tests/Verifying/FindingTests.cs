using System.Diagnostics;
using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Verifying;

/// <summary>What a copy in a folder turns out to be after this or that has happened to it.</summary>
public sealed class FindingTests : IDisposable
{
    private readonly SyncWorld _world = new();

    private string Copy => Path.Combine(_world.Nas, "job_1/a.m4a");

    private string Source => Path.Combine(_world.Outputs, "job_1/a.m4a");

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_copy_that_was_left_alone_is_intact_and_the_level_of_the_proof_is_told()
    {
        await SyncAsync();
        var (findings, result) = await _world.VerifyAsync();
        var finding = Assert.Single(findings);
        Assert.Equal((CopyState.Intact, VerifiedBy.ReadBack, finding.Sha256), (finding.State, finding.VerifiedBy, finding.FoundSha256));
        Assert.Equal((1, 1, finding.Size, ExitCode.Ok), (result.Copies, result.Of(CopyState.Intact), result.Bytes, result.ExitCode));
    }

    [Fact]
    public async Task A_flipped_bit_under_the_recorded_size_and_time_is_damage()
    {
        await SyncAsync();
        Verified.Rot(Copy, at: 3);
        var (findings, result) = await _world.VerifyAsync();
        var finding = Assert.Single(findings);
        Assert.Equal((CopyState.Damaged, TempFolder.Sha256Of(Copy), RepairKind.Copy), (finding.State, finding.FoundSha256, finding.Repair));
        Assert.Equal(ExitCode.FailedForGood, result.ExitCode);

        // Only reading finds it.
        Assert.Equal(CopyState.Present, (await _world.VerifyOneAsync(new() { Quick = true })).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_that_someone_wrote_to_has_drifted(bool quick)
    {
        await SyncAsync();
        File.AppendAllText(Copy, "more");
        Assert.Equal(CopyState.Drifted, (await _world.VerifyOneAsync(new() { Quick = quick })).State);

        File.WriteAllText(Copy, "JOB_1/A.M4A");
        var finding = await _world.VerifyOneAsync(new() { Quick = quick });
        Assert.Equal((CopyState.Drifted, RepairKind.Policy, finding.Size), (finding.State, finding.Repair, finding.Found!.Value.Size));
    }

    [RequiresFact("linux")]
    public async Task Another_file_of_the_same_size_and_time_has_drifted_and_is_not_called_damage()
    {
        await SyncAsync();
        var time = File.GetLastWriteTimeUtc(Copy);
        File.WriteAllText(Copy + ".new", "JOB_1/A.M4A");
        File.SetLastWriteTimeUtc(Copy + ".new", time);
        File.Move(Copy + ".new", Copy, overwrite: true);
        Assert.Equal(CopyState.Drifted, (await _world.VerifyOneAsync()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_with_another_time_and_the_same_bytes_was_only_touched(bool quick)
    {
        await SyncAsync();
        File.SetLastWriteTimeUtc(Copy, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var (findings, result) = await _world.VerifyAsync(new() { Quick = quick });
        Assert.Equal((CopyState.Touched, ExitCode.Ok), (Assert.Single(findings).State, result.ExitCode));
    }

    [Fact]
    public async Task A_copy_that_is_gone_is_missing_also_with_its_folder()
    {
        await SyncAsync();
        File.Delete(Copy);
        var finding = await _world.VerifyOneAsync();
        Assert.Equal(
            (CopyState.Missing, RepairKind.Copy, Path.Combine(_world.Outputs, "job_1/manifest.json")),
            (finding.State, finding.Repair, finding.Manifest));
        Directory.Delete(Path.GetDirectoryName(Copy)!);
        Assert.Equal(CopyState.Missing, (await _world.VerifyOneAsync()).State);
    }

    [Theory]
    [InlineData("without its marker")]
    [InlineData("not mounted")]
    [InlineData("gone")]
    [InlineData("not mounted and forgotten")]
    public async Task Absence_says_nothing_where_the_place_is_not_the_one_that_was_copied_to(string what)
    {
        await SyncAsync();
        File.Delete(Path.Combine(_world.Nas, PlaceMarker.Name));
        if (what != "without its marker") Directory.Delete(_world.Nas, recursive: true);
        if (what.StartsWith("not mounted", StringComparison.Ordinal)) Directory.CreateDirectory(_world.Nas);
        if (what.EndsWith("forgotten", StringComparison.Ordinal))
            using (var ledger = Ledger.Open(_world.Config.WorkDir)) ledger.ForgetPlace(_world.Nas);

        var (findings, result) = await _world.VerifyAsync();
        var finding = Assert.Single(findings);
        Assert.Equal((CopyState.Unreachable, FailureClass.Unavailable, RepairKind.None), (finding.State, finding.Failure!.Class, finding.Repair));
        Assert.Equal(ExitCode.DestinationUnavailable, result.ExitCode);
    }

    [RequiresFact("mkfifo")]
    public async Task A_FIFO_in_the_place_of_a_copy_is_told_and_not_waited_for()
    {
        await SyncAsync();
        File.Delete(Copy);
        Process.Start("mkfifo", [Copy])!.WaitForExit();
        var finding = await _world.VerifyOneAsync();
        Assert.Equal((CopyState.Drifted, "TargetIsNotAFile", RepairKind.Impossible), (finding.State, finding.Failure?.Code, finding.Repair));
    }

    [Fact]
    public async Task A_copy_without_a_recorded_hash_is_proven_by_its_source_while_that_stands()
    {
        await SyncAsync();
        Forget(receipt => receipt with { Sha256 = null, VerifiedBy = VerifiedBy.SharedExtents });
        Assert.Equal(CopyState.Intact, (await _world.VerifyOneAsync()).State);

        Verified.Rot(Copy);
        var finding = await _world.VerifyOneAsync();
        Assert.Equal((CopyState.Damaged, RepairKind.Impossible), (finding.State, finding.Repair));
        Assert.Contains("which of the two is right", finding.RepairReason, StringComparison.Ordinal);

        File.Delete(Source);
        var (findings, result) = await _world.VerifyAsync();
        Assert.Equal((CopyState.Unprovable, ExitCode.Ok), (Assert.Single(findings).State, result.ExitCode));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("rotten")]
    public async Task Where_every_copy_of_a_released_source_is_lost_each_is_told_so_and_names_no_other(string how)
    {
        _world.Route =
            new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/second/${jobId}"], Release = ReleasePolicy.Delete };
        await SyncAsync();
        foreach (var copy in (string[])[Copy, Path.Combine(_world.Nas, "second/job_1/a.m4a")])
        {
            if (how == "gone") File.Delete(copy);
            else Verified.Rot(copy);
        }

        var findings = (await _world.VerifyAsync()).Findings;

        Assert.Equal([RepairKind.Impossible, RepairKind.Impossible], findings.Select(finding => finding.Repair));
        Assert.All(findings, finding => Assert.True(finding.NoCopyLeft));
        Assert.All(findings, finding => Assert.Equal(
            "its source is gone, and no intact copy is left: put the source or a backup of the copy back",
            finding.RepairReason));

        var hints = (await _world.RepairAsync()).OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Hint).ToList();
        Assert.Equal(2, hints.Count);
        Assert.All(hints, hint => Assert.Equal(
            "A repair needs the unchanged source, and no intact copy is left: put it, or a backup of the copy, back; then verify again.",
            hint));
    }

    [Fact]
    public async Task The_only_copy_of_a_released_source_is_told_to_be_the_last_one()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = ReleasePolicy.Delete };
        await SyncAsync();
        File.Delete(Copy);

        var finding = await _world.VerifyOneAsync();

        Assert.True(finding.NoCopyLeft);
        Assert.Contains("its source is gone, and no other copy is recorded", finding.RepairReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReleasePolicy.Keep, "gone")]
    [InlineData(ReleasePolicy.Keep, "rotten")]
    [InlineData(ReleasePolicy.Delete, "gone")]
    [InlineData(ReleasePolicy.Delete, "rotten")]
    public async Task A_source_that_was_put_back_with_another_time_makes_a_lost_copy_again(ReleasePolicy release, string how)
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = release };
        await SyncAsync();
        Assert.Equal(release == ReleasePolicy.Keep, File.Exists(Source));
        File.Delete(Source);
        File.WriteAllText(Source, "job_1/a.m4a");
        File.SetLastWriteTimeUtc(Source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        if (how == "gone") File.Delete(Copy);
        else Verified.Rot(Copy);

        var finding = await _world.VerifyOneAsync();

        Assert.Equal((RepairKind.Copy, false), (finding.Repair, finding.NoCopyLeft));
        Assert.Single((await _world.RepairAsync()).OfType<TransferEvent.Committed>());
        Assert.Equal("job_1/a.m4a", File.ReadAllText(Copy));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_source_that_was_put_back_with_other_bytes_has_changed()
    {
        await SyncAsync();
        File.Delete(Source);
        File.WriteAllText(Source, "job_1/A.m4a");
        File.SetLastWriteTimeUtc(Source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.Delete(Copy);

        var finding = await _world.VerifyOneAsync();

        Assert.Equal((RepairKind.Impossible, false), (finding.Repair, finding.NoCopyLeft));
        Assert.Contains("its source has changed since it was copied", finding.RepairReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_gone_can_be_no_help_and_another_copy_is_named()
    {
        _world.Route =
            new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", "${remoteRoots.nas}/second/${jobId}"], Release = ReleasePolicy.Delete };
        await SyncAsync();
        Assert.False(File.Exists(Source));
        File.Delete(Copy);
        var finding = (await _world.VerifyAsync()).Findings.Single(finding => finding.State == CopyState.Missing);
        Assert.Equal(RepairKind.Impossible, finding.Repair);
        Assert.Contains(
            $"its source is gone; the ledger knows another copy at {_world.Nas}/second/job_1/a.m4a", finding.RepairReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_another_job_has_replaced_is_not_looked_for()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"], OnConflict = ConflictPolicy.Overwrite };
        await SyncAsync();
        _world.Job("job_2").Add("a.m4a", "audio").Write();
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        var finding = await _world.VerifyOneAsync();
        Assert.Equal(("job_2", CopyState.Intact), (finding.JobId, finding.State));
    }

    [Fact]
    public async Task A_destination_that_the_configuration_does_not_know_any_more_is_told_as_such()
    {
        _world.Config = _world.Config with { Destinations = Named(_world.Nas) };
        _world.Route = new Route { Number = 1, To = ["shelf:${jobId}"] };
        await SyncAsync();
        Assert.Equal(CopyState.Intact, (await _world.VerifyOneAsync()).State);
        _world.Config = _world.Config with { Destinations = new Dictionary<string, DestinationConfig>() };
        var finding = await _world.VerifyOneAsync();
        Assert.Equal((CopyState.Unreachable, "DestinationNotSupported"), (finding.State, finding.Failure?.Code));
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_told_and_the_other_jobs_are_verified()
    {
        await SyncAsync();
        var broken = _world.Job("job_2").Add("b.m4a", "audio").Write();
        await _world.SyncAsync();
        File.WriteAllText(broken, "{");
        var (findings, result) = await _world.VerifyAsync(new() { Paths = [_world.Outputs] });
        Assert.Equal(("job_1", 1), (Assert.Single(findings).JobId, result.Failed));
        Assert.Equal(2, (await _world.VerifyAsync()).Findings.Count);
    }

    [Fact]
    public async Task A_job_is_found_again_although_its_folder_is_named_otherwise()
    {
        await SyncAsync();
        Directory.Move(Path.Combine(_world.Outputs, "job_1"), Path.Combine(_world.Outputs, "archive 1"));
        File.Delete(Copy);
        var finding = await _world.VerifyOneAsync();
        Assert.Equal((Path.Combine(_world.Outputs, "archive 1/manifest.json"), RepairKind.Copy), (finding.Manifest, finding.Repair));
    }

    [Fact]
    public async Task Nothing_at_all_is_written()
    {
        await SyncAsync();
        _world.Job("job_2").Add("b.m4a", "audio").Add("c.m4a", "audio").Write();
        await _world.SyncAsync();
        File.Delete(Path.Combine(_world.Nas, "job_2/b.m4a"));
        Verified.Rot(Path.Combine(_world.Nas, "job_2/c.m4a"));
        var before = Verified.Tree(_world.Root);
        var (findings, _) = await _world.VerifyAsync();
        Assert.Equal([CopyState.Intact, CopyState.Missing, CopyState.Damaged], findings.Select(finding => finding.State));
        Assert.Equal(before, Verified.Tree(_world.Root));
    }

    [Fact]
    public async Task A_sync_that_is_at_work_is_no_hindrance()
    {
        await SyncAsync();
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        using var ledger = Ledger.Open(_world.Config.WorkDir);
        Assert.Equal(CopyState.Intact, (await _world.VerifyOneAsync()).State);
    }

    internal static Dictionary<string, DestinationConfig> Named(string root) =>
        new(StringComparer.OrdinalIgnoreCase) { ["shelf"] = new LocalDestinationConfig { Name = "shelf", Root = root } };

    private async Task SyncAsync()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(0, (await _world.SyncAsync()).Failed);
    }

    private void Forget(Func<CommitReceipt, CommitReceipt> change)
    {
        using var ledger = Ledger.Open(_world.Config.WorkDir);
        ledger.Record([.. ledger.OfJob("job_1").Select(copy => copy with { Receipt = change(copy.Receipt) })]);
    }
}
