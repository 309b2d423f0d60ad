using System.Text;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class SyncEngineTests : IDisposable
{
    private readonly SyncWorld _world = new();

    [Fact]
    public async Task Every_artifact_arrives_with_its_bytes_and_is_recorded_with_its_proof()
    {
        _world.Job().Add("a.m4a", "audio", declare: true).Add("stems/b.m4a", "stems").Add("empty", "other", content: []).Write();
        var result = await _world.SyncAsync();
        Assert.Equal((1, 3, 0, ExitCode.Ok), (result.Manifests, result.Committed, result.Failed, result.ExitCode));
        Assert.Equal(["job_1/a.m4a", "job_1/b.m4a", "job_1/empty"], _world.NasFiles());
        Assert.Equal("job_1/stems/b.m4a", File.ReadAllText(Path.Combine(_world.Nas, "job_1/b.m4a")));
        foreach (var copy in _world.Recorded())
        {
            Assert.Equal(TempFolder.Sha256Of(copy.Target.Display), copy.Receipt.Sha256);
            Assert.Equal((VerifiedBy.ReadBackCached, Durability.Fsynced), (copy.Receipt.VerifiedBy, copy.Receipt.Durability));
        }
    }

    [Fact]
    public async Task What_is_odd_about_a_manifest_is_said_once_and_its_artifacts_are_copied()
    {
        new SampleJob(_world.Outputs) { Extra = new() { ["processed_at"] = "" } }.Add("a.m4a", "audio").Write();

        var events = await _world.RunAsync();

        Assert.Equal("ManifestOdd", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty((await _world.RunAsync()).OfType<TransferEvent.Warned>());
    }

    [Fact]
    public async Task The_copy_keeps_the_time_of_last_change()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        var time = new DateTime(2020, 2, 29, 12, 34, 56, DateTimeKind.Utc).AddTicks(1234567);
        File.SetLastWriteTimeUtc(Path.Combine(job.Folder, "a.m4a"), time);
        job.Write();
        await _world.SyncAsync();
        Assert.Equal(time, File.GetLastWriteTimeUtc(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Fact]
    public async Task A_second_run_says_unchanged_and_does_not_look_at_the_destination()
    {
        _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        await _world.SyncAsync();
        var unchanged = (await _world.RunAsync()).OfType<TransferEvent.Skipped>().ToDictionary(
            skipped => skipped.Item.Artifact.Path,
            skipped => skipped.Item.Sha256);
        Assert.Equal(_world.Recorded().ToDictionary(copy => copy.Artifact, copy => copy.Receipt.Sha256), unchanged);
        // What is not there any more cannot be looked at: only a run that trusts the ledger says unchanged.
        Directory.Delete(Path.Combine(_world.Nas, "job_1"), recursive: true);
        var result = await _world.SyncAsync();
        Assert.Equal((0, 2, 0, ExitCode.Ok), (result.Committed, result.Unchanged, result.Failed, result.ExitCode));
        Assert.Empty(_world.NasFiles());
        Assert.Equal(2, (await _world.SyncAsync(new SyncRequest { Force = true })).Committed);
    }

    [Fact]
    public async Task A_changed_source_replaces_its_own_earlier_copy()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "second version");
        var result = await _world.SyncAsync();
        Assert.Equal(1, result.Committed);
        Assert.Equal("second version", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_file_of_another_origin_is_kept_and_the_copy_gets_a_name_of_its_own()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1"));
        File.WriteAllText(Path.Combine(_world.Nas, "job_1/a.m4a"), "an archivist's original");
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
        Assert.Equal("an archivist's original", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task Two_jobs_that_want_one_name_both_arrive_and_stay_unchanged_afterwards()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}"] };
        _world.Job("job_1").Add("a.m4a", "audio").Write();
        _world.Job("job_2").Add("A.m4a", "audio").Write();
        Assert.Equal(2, (await _world.SyncAsync()).Committed);
        Assert.Equal(["A (job_2).m4a", "a.m4a"], _world.NasFiles());
        Assert.Equal(2, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task A_lost_ledger_is_made_again_from_what_is_found_without_copying()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        Directory.Delete(_world.Config.WorkDir, recursive: true);
        var result = await _world.SyncAsync();
        Assert.Equal((0, 1), (result.Committed, result.AlreadyPresent));
        Assert.Equal(VerifiedBy.ReadBack, _world.Recorded()[0].Receipt.VerifiedBy);
        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
    }

    [Fact]
    public async Task A_hash_other_than_the_declared_one_is_never_sent()
    {
        _world.Job().Add("good.m4a", "audio").Add("a.m4a", "audio").Declare("bad.m4a", "audio", sha256: new string('0', 64)).Write();
        File.WriteAllText(Path.Combine(_world.Outputs, "job_1/bad.m4a"), "x");
        var events = await _world.RunAsync();
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal(("ManifestMismatch", FailureClass.Mismatch), (failed.Failure.Code, failed.Failure.Class));
        Assert.Contains(new string('0', 64), failed.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(["job_1/a.m4a", "job_1/good.m4a"], _world.NasFiles());
        Assert.Equal(ExitCode.FailedForGood, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }

    [Fact]
    public async Task Each_bad_job_gets_its_own_message_and_the_others_are_synced()
    {
        File.WriteAllText(Path.Combine(_world.Root, "secret"), "secret");
        _world.Job("escape").Declare("../../etc/passwd", "audio").Write();
        _world.Job("gone").Declare("none.m4a", "audio").Write();
        _world.Job("link").Declare("link.m4a", "audio").Write();
        File.CreateSymbolicLink(Path.Combine(_world.Outputs, "link/link.m4a"), Path.Combine(_world.Root, "secret"));
        _world.Job("pair").Add("x/a.m4a", "audio").Add("y/a.m4a", "audio").Add("b.m4a", "audio").Write();
        _world.Job("truncated").Add("a.m4a", "audio").Write();
        var truncated = Path.Combine(_world.Outputs, "truncated/manifest.json");
        File.WriteAllText(truncated, File.ReadAllText(truncated)[..40]);
        _world.Job("whole").Add("a.m4a", "audio").Write();

        var events = await _world.RunAsync();
        var failures = events.OfType<TransferEvent.Failed>().ToList();
        Assert.Equal(
            [
                "EscapesJob escape", "EscapesJob link", "ManifestIncomplete truncated", "SourceGone gone", "TargetCollision pair",
                "TargetCollision pair",
            ],
            failures.Select(failed => $"{failed.Failure.Code} {Job(failed.Subject)}").Order(StringComparer.Ordinal));
        Assert.Equal(["pair/b.m4a", "whole/a.m4a"], _world.NasFiles());
        Assert.Equal(ExitCode.SafetyStop, ((TransferEvent.Finished)events[^1]).Result.ExitCode);

        static string Job(string subject) =>
            new[] { "escape", "link", "truncated", "gone", "pair" }.Single(job => subject.Contains(job, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("escape", ExitCode.SafetyStop)]
    [InlineData("truncated", ExitCode.WillRetry)]
    [InlineData("invalid", ExitCode.FailedForGood)]
    public async Task Each_kind_of_bad_manifest_has_its_exit_code(string kind, ExitCode expected)
    {
        var manifest = _world.Job().Add("a.m4a", "audio").Write();
        File.WriteAllText(manifest, kind switch
        {
            "escape" => """{"job_id":"job_1","artifacts":[{"kind":"audio","path":"../../etc/passwd"}]}""",
            "truncated" => """{"job_id":"job_1","artifa""",
            _ => """{"job_id":1}""",
        });
        Assert.Equal(expected, (await _world.SyncAsync()).ExitCode);
    }

    [Fact]
    public async Task A_dry_run_plans_everything_and_changes_nothing()
    {
        _world.Job().Add("a.m4a", "audio").Declare("none.m4a", "audio").Write();
        var events = await _world.RunAsync(new SyncRequest { DryRun = true });
        Assert.Equal(["planned", "failed", "finished"], events.Select(one => one.Name));
        var result = ((TransferEvent.Finished)events[^1]).Result;
        Assert.Equal((1, 1, true), (result.Committed, result.Failed, result.DryRun));
        Assert.Equal(["nas", "outputs"], Directory.EnumerateFileSystemEntries(_world.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_world.Nas));
    }

    [Fact]
    public async Task What_is_not_approved_is_left_out()
    {
        _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        var request = new SyncRequest { Approve = (item, _) => ValueTask.FromResult(item.Artifact.Path == "b.m4a") };
        Assert.Equal(1, (await _world.SyncAsync(request)).Committed);
        Assert.Equal(["job_1/b.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_source_that_changes_between_plan_and_copy_is_not_sent()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                File.AppendAllText(Path.Combine(job.Folder, "a.m4a"), "more");
                return ValueTask.FromResult(true);
            },
        };
        var events = await _world.RunAsync(request);
        Assert.Equal("SourceChanged", Assert.Single(events.OfType<TransferEvent.Failed>()).Failure.Code);
        Assert.Equal(ExitCode.WillRetry, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Empty(_world.NasFiles());
        Assert.Equal(1, (await _world.SyncAsync()).Committed);
    }

    [Fact]
    public async Task A_file_that_someone_puts_there_between_plan_and_commit_is_kept()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1"));
                File.WriteAllText(Path.Combine(_world.Nas, "job_1/a.m4a"), "someone else's");
                return ValueTask.FromResult(true);
            },
        };
        var events = await _world.RunAsync(request);
        Assert.Equal("TargetChanged", Assert.Single(events.OfType<TransferEvent.Failed>()).Failure.Code);
        Assert.Equal("someone else's", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());

        // A later run needs nobody's help: its plan sees the stranger.
        Assert.Equal(ExitCode.WillRetry, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Equal(ExitCode.Ok, (await _world.SyncAsync()).ExitCode);
        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_stopped_run_ends_with_its_result_and_leaves_no_part()
    {
        for (var i = 0; i < 40; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        using var stop = new CancellationTokenSource();
        var approved = 0;
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                if (++approved == 10) stop.Cancel();
                return ValueTask.FromResult(true);
            },
        };
        var events = await _world.RunAsync(request, stop.Token);
        var result = Assert.IsType<TransferEvent.Finished>(events[^1]).Result;
        Assert.True(result.Stopped);
        Assert.Equal(ExitCode.Stopped, result.ExitCode);
        Assert.DoesNotContain(_world.NasFiles(), name => name.EndsWith("nassync-part", StringComparison.Ordinal));
        Assert.Equal(_world.NasFiles().Count, result.Committed);
        Assert.Equal(40, (await _world.SyncAsync()) is var next ? next.Committed + next.Unchanged : 0);
    }

    [Fact]
    public async Task Whoever_stops_reading_stops_the_run()
    {
        for (var i = 0; i < 500; i++) _world.Job($"job_{i:d3}").Add("a.m4a", "audio").Add("b.m4a", "audio").Add("c.m4a", "audio").Write();
        await foreach (var _ in new SyncEngine(_world.Config).RunAsync(new SyncRequest())) break;
        Assert.True(_world.NasFiles().Count < 1500);
        WorkLock.Acquire(_world.Config.WorkDir).Dispose();
    }

    [Fact]
    public async Task A_second_run_at_the_same_time_is_refused()
    {
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        var error = await Assert.ThrowsAsync<FailureException>(() => _world.SyncAsync());
        Assert.Equal("Locked", error.Failure.Code);
        Assert.Equal(ExitCode.Locked, ExitCodes.Of(error.Failure));
    }

    [Fact]
    public async Task Several_targets_of_one_artifact_are_fed_by_one_read_and_fail_by_themselves()
    {
        File.WriteAllText(Path.Combine(_world.Root, "blocked"), "a file where the folder should be");
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/one", Path.Combine(_world.Root, "blocked/sub"), "${remoteRoots.nas}/two"] };
        _world.Job().Add("a.m4a", "audio", content: Encoding.UTF8.GetBytes(new string('x', 3_000_000))).Write();
        var events = await _world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal(["one/a.m4a", "two/a.m4a"], _world.NasFiles());
        Assert.Equal(TempFolder.Sha256Of(Path.Combine(_world.Outputs, "job_1/a.m4a")), TempFolder.Sha256Of(Path.Combine(_world.Nas, "two/a.m4a")));
    }

    [Theory]
    [InlineData(ReleasePolicy.Delete, false)]
    [InlineData(ReleasePolicy.Keep, true)]
    public async Task A_source_goes_only_where_the_route_says_so(ReleasePolicy release, bool stays)
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/one", "${remoteRoots.nas}/two"], Release = release };
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        var events = await _world.RunAsync();
        Assert.Equal(stays, File.Exists(Path.Combine(job.Folder, "a.m4a")));
        Assert.Equal(stays ? 0 : 1, events.Count(one => one is TransferEvent.Released));
        var again = await _world.SyncAsync();
        Assert.Equal((2, 0), (again.Unchanged, again.Failed));
    }

    [Fact]
    public async Task A_source_stays_while_one_of_its_copies_is_missing()
    {
        File.WriteAllText(Path.Combine(_world.Root, "blocked"), "");
        _world.Route =
            new Route { Number = 1, To = ["${remoteRoots.nas}/one", Path.Combine(_world.Root, "blocked/sub")], Release = ReleasePolicy.Delete };
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        await _world.SyncAsync();
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));
    }

    [Fact]
    public async Task A_path_that_is_not_there_does_not_keep_the_others_from_being_synced()
    {
        var manifest = _world.Job().Add("a.m4a", "audio").Write();
        var result = await _world.SyncAsync(new SyncRequest { Paths = [Path.Combine(_world.Root, "typo"), manifest] });
        Assert.Equal((1, 1), (result.Committed, result.Failed));
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_said_and_not_remembered()
    {
        // A mistyped path, or an outputs folder that is not mounted yet: no later run could ever clear it from the ledger.
        var result = await _world.SyncAsync(new SyncRequest { Paths = [Path.Combine(_world.Root, "typo")] });
        Assert.Equal((1, ExitCode.FailedForGood), (result.Failed, result.ExitCode));
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task A_failure_leaves_the_ledger_when_it_is_overcome()
    {
        var whole = _world.Job().Add("a.m4a", "audio").Write();
        var text = File.ReadAllText(whole);
        File.WriteAllText(whole, text[..40]);
        _world.Job("job_2").Declare("late.m4a", "audio").Add("b.m4a", "audio").Write();
        await _world.SyncAsync();
        Assert.Equal(["ManifestIncomplete", "SourceGone"], Failures());

        File.WriteAllText(whole, text);
        File.WriteAllText(Path.Combine(_world.Outputs, "job_2/late.m4a"), "here now");
        await _world.SyncAsync();
        Assert.Empty(Failures());

        IEnumerable<string> Failures()
        {
            using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
            return ledger.Failures().Select(failure => failure.Failure.Code).Order(StringComparer.Ordinal).ToList();
        }
    }

    [RequiresFact("mount")]
    public async Task A_ledger_that_cannot_be_written_stops_the_run_and_says_so()
    {
        using var small = Mounted.Tmpfs("256k");
        _world.LeastFree = 0;
        _world.Config = _world.Config with { WorkDir = small.Path };
        _world.Job("job_0").Add("a.m4a", "audio").Write();
        await _world.SyncAsync();
        for (var i = 1; i < 400; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        var events = await _world.RunAsync();
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal(("ledger", FailureClass.NoSpace), (failed.Subject, failed.Failure.Class));
        var committed = ((TransferEvent.Finished)events[^1]).Result.Committed;
        Assert.Equal(committed, events.Count(one => one is TransferEvent.Committed));

        // Whatever was copied but not recorded is found again once there is room.
        _world.Config = _world.Config with { WorkDir = Path.Combine(_world.Root, "work") };
        var next = await _world.SyncAsync();
        Assert.Equal(799, next.Committed + next.AlreadyPresent);
        Assert.Equal(0, next.Failed);
    }

    public void Dispose() => _world.Dispose();
}
