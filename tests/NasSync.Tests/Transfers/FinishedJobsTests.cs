using System.Diagnostics;
using NasSync.Config;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Manifests;
using NasSync.Routing;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>What becomes of the folder of a job of which all is recorded.</summary>
public sealed class FinishedJobsTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public FinishedJobsTests() => _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Remove) };

    private string Archive => Path.Combine(_world.Root, "archive");

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task By_default_a_job_stays()
    {
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        var job = Job();
        await _world.RunAsync();
        Assert.True(File.Exists(job.ManifestPath));
    }

    [Fact]
    public async Task A_job_goes_with_its_folders_once_all_of_it_is_recorded_and_the_next_run_misses_nothing()
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true).Add("deep/er/b.m4a", "audio", declare: true);
        job.Write();
        _world.Job("job_2").Add("a.m4a", "audio").Declare("late.m4a", "audio").Write();

        var events = await _world.RunAsync();

        Assert.Equal("job_1", Assert.Single(events.OfType<TransferEvent.JobCleared>()).Manifest.JobId);
        Assert.Equal(["job_2"], Names());
        Assert.Equal(["job_1/a.m4a", "job_1/b.m4a", "job_2/a.m4a"], _world.NasFiles());

        var result = await _world.SyncAsync();
        Assert.Equal((1, 0, 1), (result.Manifests, result.Committed, result.Failed));
        Assert.Equal(2, _world.Recorded().Count);
        Assert.Equal("job_2", Assert.Single(Failures()).JobId);
    }

    [Theory]
    [InlineData(ReleasePolicy.Delete)]
    [InlineData(ReleasePolicy.Keep)]
    public async Task A_job_that_was_synced_before_goes_once_its_copies_are_proven(ReleasePolicy release)
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}"], Release = release };
        var policy = _world.Config.FinishedJobs;
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        Job();
        await _world.RunAsync();
        Assert.Equal(["job_1"], Names());
        _world.Config = _world.Config with { FinishedJobs = policy };

        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.JobCleared>());

        Assert.Empty(Names());
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_copy_that_somebody_removed_is_made_again_before_the_job_goes()
    {
        var policy = _world.Config.FinishedJobs;
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        Job();
        await _world.RunAsync();
        File.Delete(Path.Combine(_world.Nas, "job_1/a.m4a"));
        _world.Config = _world.Config with { FinishedJobs = policy };

        Assert.Equal(1, (await _world.SyncAsync()).Committed);

        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
        Assert.Empty(Names());
    }

    [Theory]
    [InlineData("notes.txt", "it holds 'notes.txt', which its manifest does not name", "Move or remove it, or name it in the manifest")]
    [InlineData("sub/notes.txt", "it holds the folder 'sub', which its manifest does not name", "Move or remove it, or name it in the manifest")]
    [InlineData("deep/manifest.json", "it holds another job ('deep')", "Move the other job out of it")]
    public async Task What_the_manifest_does_not_name_keeps_the_folder_and_that_is_said(string name, string why, string cure)
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true).Add("deep/b.m4a", "audio", declare: true);
        job.Write();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(job.Folder, name))!);
        File.WriteAllText(Path.Combine(job.Folder, name), "mine");

        var planned = await _world.RunAsync(new SyncRequest { DryRun = true });
        Assert.Null(Assert.Single(planned.OfType<TransferEvent.Planned>()).Then);
        foreach (var events in new[] { planned, await _world.RunAsync(), await _world.RunAsync() })
        {
            var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
            Assert.Equal("JobKept", notice.Code);
            Assert.Contains(why, notice.Message, StringComparison.Ordinal);
            Assert.StartsWith(cure, notice.Hint, StringComparison.Ordinal);
        }

        Assert.True(File.Exists(Path.Combine(job.Folder, name)));
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));
        Assert.True(File.Exists(job.ManifestPath));
    }

    [Theory]
    [InlineData("plain", FinishedJobsAction.Remove, true)]
    [InlineData("adopted", FinishedJobsAction.Remove, false)]
    [InlineData("adopted", FinishedJobsAction.Archive, true)]
    [InlineData("rebuilt", FinishedJobsAction.Remove, false)]
    [InlineData("rebuilt", FinishedJobsAction.Archive, false)]
    [InlineData("open", FinishedJobsAction.Remove, false)]
    [InlineData("open", FinishedJobsAction.Archive, false)]
    [InlineData("linked", FinishedJobsAction.Remove, false)]
    [InlineData("linked", FinishedJobsAction.Archive, false)]
    [InlineData("lost", FinishedJobsAction.Remove, true)]
    [InlineData("new root", FinishedJobsAction.Remove, false)]
    [InlineData("new root", FinishedJobsAction.Archive, false)]
    public async Task A_plan_promises_of_the_folder_what_the_run_then_does(string what, FinishedJobsAction action, bool goes)
    {
        var job = _world.Job().Add("deep/a.m4a", "audio", declare: what != "open");
        job.Write();
        var (source, copy) = (Path.Combine(job.Folder, "deep/a.m4a"), Path.Combine(_world.Nas, "job_1/a.m4a"));
        if (what is "rebuilt" or "lost") await BeforeAsync();
        if (what == "rebuilt") File.Delete(Path.Combine(_world.Config.WorkDir, Ledger.FileName));
        if (what == "lost") File.Delete(copy);
        if (what == "adopted") File.Copy(source, Directory.CreateDirectory(Path.GetDirectoryName(copy)!).FullName + "/a.m4a");
        if (what == "linked") Directory.Move(job.Folder, Path.Combine(_world.Root, "elsewhere"));
        if (what == "linked") Directory.CreateSymbolicLink(job.Folder, Path.Combine(_world.Root, "elsewhere"));
        if (what == "new root") Directory.Delete(_world.Nas);
        _world.Config = _world.Config with
        {
            FinishedJobs = new FinishedJobsPolicy(action, action == FinishedJobsAction.Archive ? Archive : null),
            FollowJobLinks = true,
        };
        using var writer = what == "open" ? new FileStream(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite) : null;

        var planned = await _world.RunAsync(new SyncRequest { DryRun = true });
        var run = await _world.RunAsync();

        var first = Assert.Single(planned.OfType<TransferEvent.Planned>());
        Assert.Equal(goes, run.OfType<TransferEvent.JobCleared>().Any());
        Assert.Equal(goes, first.Then is not null);
        Assert.Equal(goes, !File.Exists(job.ManifestPath));
        Assert.Equal(
            run.OfType<TransferEvent.Warned>().Count(warned => warned.Notice.Code == "JobKept"),
            planned.OfType<TransferEvent.Warned>().Count(warned => warned.Notice.Code == "JobKept"));
        Assert.Equal(run.OfType<TransferEvent.Planned>().Single().Plan.Items.Single().Action, first.Plan.Items.Single().Action);

        async Task BeforeAsync()
        {
            _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
            await _world.RunAsync();
        }
    }

    [RequiresFact("mount")]
    public async Task A_plan_says_what_the_system_will_keep_a_folder_by()
    {
        using var other = Mounted.Tmpfs("1m");
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Archive, Path.Combine(other.Path, "done")) };
        Job();
        Assert.Equal("ArchiveElsewhere", await KeptAsync());

        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Remove) };
        using var mounted = Mounted.Bind(_world.Outputs, _world.Outputs);
        using (var remount = Process.Start("mount", ["-o", "remount,ro,bind", _world.Outputs])) await remount.WaitForExitAsync();
        Assert.Equal("JobKept", await KeptAsync());

        async Task<string> KeptAsync()
        {
            var planned = await _world.RunAsync(new SyncRequest { DryRun = true });
            Assert.Null(Assert.Single(planned.OfType<TransferEvent.Planned>()).Then);
            var codes = new[] { planned, await _world.RunAsync() }
                .Select(events => Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Code)
                .Distinct();
            return Assert.Single(codes);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_means_nothing_in_a_whole_folder_fails_in_a_plan_too(bool dryRun)
    {
        Job();
        var wrong = await _world.SyncAsync(
            new SyncRequest { Only = [new MeantItem(_world.Outputs, "nosuch.m4a")], Paths = [_world.Outputs], DryRun = dryRun });
        Assert.Equal((0, 1, ExitCode.Usage), (wrong.Committed, wrong.Failed, wrong.ExitCode));
        var target = await _world.SyncAsync(
            new SyncRequest { Only = [new MeantItem(_world.Outputs, "a.m4a", "/nope")], Paths = [_world.Outputs], DryRun = dryRun });
        Assert.Equal((0, 1), (target.Committed, target.Failed));
        var right = await _world.SyncAsync(
            new SyncRequest { Only = [new MeantItem(_world.Outputs, "a.m4a")], Paths = [_world.Outputs], DryRun = dryRun });
        Assert.Equal(0, right.Failed);
    }

    [Fact]
    public async Task A_run_about_one_target_or_one_artifact_leaves_the_job_until_all_of_it_is_recorded()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/one", "${remoteRoots.nas}/two"] };
        var job = _world.Job().Add("a.m4a", "audio", declare: true).Add("b.m4a", "audio", declare: true);
        job.Write();
        MeantItem[] one = [.. new[] { "a.m4a", "b.m4a" }.Select(name => new MeantItem(job.ManifestPath, name, $"{_world.Nas}/one/{name}"))];

        Assert.Equal(2, (await _world.SyncAsync(new SyncRequest { Only = one })).Committed);
        using var file = File.OpenRead(job.ManifestPath);
        var decisions = new RouteTable(_world.Config).Resolve(ManifestReader.Read(file, job.ManifestPath));
        Assert.Equal(1, (await _world.SyncAsync(new SyncRequest { Decisions = [decisions[0]] })).Committed);
        Assert.Equal(["job_1"], Names());

        Assert.Equal(1, (await _world.SyncAsync()).Committed);
        Assert.Empty(Names());
        Assert.Equal(["one/a.m4a", "one/b.m4a", "two/a.m4a", "two/b.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task An_outputs_folder_that_is_empty_because_its_jobs_went_is_not_warned_of()
    {
        var named = new SyncRequest { Paths = [_world.Outputs] };
        Assert.Equal("NoManifest", Assert.Single((await _world.RunAsync(named)).OfType<TransferEvent.Warned>()).Notice.Code);
        Job();
        await _world.RunAsync(named);
        Assert.Empty(Names());
        Assert.Empty((await _world.RunAsync(named)).OfType<TransferEvent.Warned>());
    }

    [Fact]
    public async Task An_outputs_folder_that_is_empty_although_its_jobs_are_to_stay_is_warned_of()
    {
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        var named = new SyncRequest { Paths = [_world.Outputs] };
        var job = Job();
        await _world.RunAsync(named);
        Directory.Delete(job.Folder, recursive: true);
        Assert.Equal("NoManifest", Assert.Single((await _world.RunAsync(named)).OfType<TransferEvent.Warned>()).Notice.Code);
        Assert.Equal("NoManifest", Assert.Single((await _world.RunAsync(named with { DryRun = true })).OfType<TransferEvent.Warned>()).Notice.Code);
    }

    [RequiresFact("linux")]
    public async Task Links_keep_the_folder()
    {
        var job = Job();
        File.CreateSymbolicLink(Path.Combine(job.Folder, "link"), "a.m4a");
        Assert.Contains(
            "no regular file", Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(job.ManifestPath));
    }

    [RequiresFact("linux")]
    public async Task A_file_that_is_still_open_for_writing_keeps_the_folder_until_it_is_closed()
    {
        var job = _world.Job().Add("a.m4a", "audio");
        job.Write();
        using (new FileStream(Path.Combine(job.Folder, "a.m4a"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            var events = await _world.RunAsync();
            Assert.Contains(
                "'a.m4a' is still open for writing", Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(job.ManifestPath));
        }

        await _world.RunAsync();
        Assert.Empty(Names());
    }

    [RequiresFact("linux")]
    public Task What_is_written_over_after_its_copy_with_its_time_set_back_keeps_the_folder() => KeepsWhatIsWrittenLate();

    [RequiresFact("linux")]
    public Task What_is_written_after_its_copy_is_not_archived_before_a_run_has_copied_it()
    {
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Archive, Archive) };
        return KeepsWhatIsWrittenLate();
    }

    [Fact]
    public async Task A_job_that_comes_again_under_its_id_goes_too()
    {
        Job();
        await _world.RunAsync();
        _world.Job().Add("a.m4a", "audio", content: "another song"u8.ToArray(), declare: true).Write();

        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.JobCleared>());

        Assert.Empty(Names());
        Assert.Equal(["job_1/a (job_1).m4a", "job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_manifest_that_names_itself_goes_last()
    {
        _world.Job().Declare("manifest.json", "other").Add("z.m4a", "audio", declare: true).Write();
        await _world.RunAsync();
        Assert.Empty(Names());
        Assert.Equal(["job_1/manifest.json", "job_1/z.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task What_a_killed_run_left_hidden_gets_its_name_back_when_it_may_not_be_removed_any_more()
    {
        Job();
        var policy = _world.Config.FinishedJobs;
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        await _world.RunAsync();
        _world.Config = _world.Config with { FinishedJobs = policy };
        var hidden = Path.Combine(_world.Outputs, FinishedJobFolder.HiddenPrefix + "job_1");
        Directory.Move(Path.Combine(_world.Outputs, "job_1"), hidden);
        _world.Job("job_2").Declare("late", "audio").Write();
        File.WriteAllText(Path.Combine(hidden, "notes.txt"), "mine");

        Assert.Contains(
            (await _world.RunAsync()).OfType<TransferEvent.Warned>(),
            warned => warned.Notice.Message.Contains("it holds 'notes.txt'", StringComparison.Ordinal));
        Assert.Equal(["job_1", "job_2"], Names());

        File.Delete(Path.Combine(_world.Outputs, "job_1", "notes.txt"));
        await _world.RunAsync();
        Assert.Equal(["job_2"], Names());
    }

    [Theory]
    [InlineData(FinishedJobsAction.Keep)]
    [InlineData(FinishedJobsAction.Archive)]
    public async Task What_a_killed_run_left_hidden_gets_its_name_back_when_jobs_are_not_to_be_removed_any_more(FinishedJobsAction action)
    {
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        Job();
        await _world.RunAsync();
        Directory.Move(Path.Combine(_world.Outputs, "job_1"), Path.Combine(_world.Outputs, FinishedJobFolder.HiddenPrefix + "job_1"));
        Directory.CreateDirectory(Path.Combine(_world.Outputs, FinishedJobFolder.HiddenPrefix + "empty"));
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(action, action == FinishedJobsAction.Archive ? Archive : null) };

        await _world.RunAsync(new SyncRequest { DryRun = true });
        Assert.Equal([".nassync-finished-empty", ".nassync-finished-job_1"], Names());

        Assert.Equal(1, (await _world.SyncAsync()).Unchanged);
        Assert.True(File.Exists(Path.Combine(action == FinishedJobsAction.Archive ? Archive : _world.Outputs, "job_1", "a.m4a")));
        Assert.Equal(action == FinishedJobsAction.Archive ? [] : ["job_1"], Names());
    }

    [RequiresFact("mount", "sshfs", "/dev/fuse", "/usr/lib/openssh/sftp-server")]
    public async Task A_file_that_another_machine_may_still_write_keeps_the_folder_unless_its_size_is_declared()
    {
        using var far = Mounted.Sshfs();
        _world.Config = _world.Config with { OutputsDir = far.Path };
        new SampleJob(far.Path, "job_1").Add("a.m4a", "audio").Write();
        new SampleJob(far.Path, "job_2").Add("a.m4a", "audio", declare: true).Write();
        var events = await _world.RunAsync();
        Assert.Contains(
            "cannot be told whether 'a.m4a' is still written",
            Assert.Single(events.OfType<TransferEvent.Warned>()).Notice.Message,
            StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(far.Path, "job_1/a.m4a")));
        Assert.False(Directory.Exists(Path.Combine(far.Path, "job_2")));
    }

    [RequiresFact("mount")]
    public async Task A_file_that_may_not_be_removed_gives_the_job_its_name_back_and_what_it_kept_is_still_a_source()
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true).Add("b.m4a", "audio", declare: true);
        job.Write();
        var kept = Path.Combine(job.Folder, "b.m4a");
        using (Mounted.Bind(kept, kept))
        {
            var notice = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;
            Assert.Contains("is kept: Cannot remove 'b.m4a': it is in use (EBUSY)", notice.Message, StringComparison.Ordinal);
            Assert.Equal(["job_1"], Names());
            Assert.True(File.Exists(kept));
            Assert.Equal([null], _world.Recorded().Where(copy => copy.Artifact == "b.m4a").Select(copy => copy.ReleasedAt));
        }

        Assert.Single((await _world.RunAsync()).OfType<TransferEvent.JobCleared>());
        Assert.Empty(Names());
    }

    [RequiresFact("mount")]
    public async Task A_manifest_that_may_not_be_removed_gives_the_job_its_name_back_and_a_later_run_ends_what_was_begun()
    {
        var job = _world.Job().Add("deep/a.m4a", "audio", declare: true);
        job.Write();
        using (Mounted.Bind(job.ManifestPath, job.ManifestPath))
        {
            var notice = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;
            Assert.Contains("EBUSY", notice.Message, StringComparison.Ordinal);
            Assert.Equal(["job_1"], Names());
        }

        var events = await _world.RunAsync();
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Single(events.OfType<TransferEvent.JobCleared>());
        Assert.Empty(Names());
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task A_job_of_which_a_part_was_recorded_before_goes_with_the_run_that_records_the_rest()
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true).Declare("late.m4a", "audio");
        job.Write();
        await _world.RunAsync();
        File.WriteAllText(Path.Combine(job.Folder, "late.m4a"), "late");
        var events = await _world.RunAsync();
        Assert.Empty(events.OfType<TransferEvent.Warned>());
        Assert.Single(events.OfType<TransferEvent.JobCleared>());
        Assert.Empty(Names());
    }

    [RequiresFact("linux")]
    public async Task What_has_a_name_that_cannot_be_read_keeps_the_folder()
    {
        _world.HoldsUnreadableNames = true;
        var job = Job();
        using (var shell = Process.Start("sh", ["-c", "touch \"$1/$(printf '\\351')\"", "sh", job.Folder])) await shell.WaitForExitAsync();
        Assert.Equal(2, Directory.GetFiles(job.Folder, "*a*").Length);
        Assert.Contains(
            "name cannot be read", Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice.Message, StringComparison.Ordinal);
        Assert.Equal(["job_1"], Names());
        Assert.True(File.Exists(job.ManifestPath));
    }

    [Fact]
    public async Task What_has_no_route_or_nobody_approved_keeps_the_job()
    {
        _world.Route = new Route { Number = 1, Kind = "audio", To = ["${remoteRoots.nas}/${jobId}"] };
        _world.Job().Add("a.m4a", "audio", declare: true).Add("b.mp4", "video", declare: true).Write();
        _world.Job("job_2").Add("a.m4a", "audio", declare: true).Write();
        await _world.RunAsync(new SyncRequest { Approve = (item, _) => ValueTask.FromResult(item.JobId != "job_2") });
        Assert.Equal(["job_1", "job_2"], Names());
    }

    [Fact]
    public async Task Nothing_goes_while_the_ledger_is_rebuilt()
    {
        _world.Config = _world.Config with { FinishedJobs = FinishedJobsPolicy.Keep };
        Job();
        await _world.RunAsync();
        File.Delete(Path.Combine(_world.Config.WorkDir, Ledger.FileName));
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Remove) };

        Assert.Empty((await _world.RunAsync()).OfType<TransferEvent.JobCleared>());
        Assert.Equal(["job_1"], Names());
    }

    [Fact]
    public async Task A_finished_job_is_moved_to_the_archive_under_a_name_of_its_own()
    {
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Archive, Archive) };
        Directory.CreateDirectory(Path.Combine(Archive, "job_1"));
        var job = Job();
        File.WriteAllText(Path.Combine(job.Folder, "notes.txt"), "goes along");

        var cleared = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.JobCleared>());

        Assert.Equal(Path.Combine(Archive, "job_1 (2)"), cleared.MovedTo);
        Assert.Empty(Names());
        Assert.Equal(
            ["a.m4a", "manifest.json", "notes.txt"],
            Directory.GetFiles(cleared.MovedTo!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Failures());
    }

    [RequiresFact("mount")]
    public async Task An_archive_on_another_file_system_is_refused_and_both_mounts_are_named()
    {
        using var other = Mounted.Tmpfs("1m");
        _world.Config = _world.Config with { FinishedJobs = new FinishedJobsPolicy(FinishedJobsAction.Archive, Path.Combine(other.Path, "done")) };
        var job = Job();

        var notice = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;

        Assert.Equal("ArchiveElsewhere", notice.Code);
        Assert.Contains($"(mounted at {other.Path})", notice.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(job.ManifestPath));
        Assert.Empty(Directory.GetFileSystemEntries(other.Path));
    }

    [Fact]
    public async Task A_watcher_clears_away_what_came_to_it()
    {
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(Job().ManifestPath);
        await run.SyncAsync(_world.Job("job_2").Add("a.m4a", "audio").Declare("late", "audio").Write());
        await run.SyncAsync(_world.Job("job_3").Add("a.m4a", "audio").Declare("late", "audio").Write());
        Assert.Equal("job_1", (await run.UntilAsync<TransferEvent.JobCleared>()).Manifest.JobId);
        Assert.Equal(["job_2", "job_3"], Names());
    }

    // The second job waits until the first is copied and its file is another, under its old time.
    private async Task KeepsWhatIsWrittenLate()
    {
        var source = Path.Combine(Job().Folder, "a.m4a");
        _world.Job("job_2").Add("a.m4a", "audio", declare: true).Write();
        var isWritten = new TaskCompletionSource();
        var request = new SyncRequest
        {
            Approve = async (item, _) =>
            {
                if (item.JobId == "job_2") await isWritten.Task;
                return true;
            },
        };
        await foreach (var happened in _world.Engine().RunAsync(request, CancellationToken.None))
        {
            if (happened is not TransferEvent.Committed { Item.JobId: "job_1" }) continue;
            WriteOver(source);
            isWritten.SetResult();
        }

        Assert.Equal(["job_1"], Names());
        Assert.Equal("JOB_1/A.M4A", File.ReadAllText(source));
    }

    // Again until the change time shows it: the kernel's clock for it goes in steps.
    private static void WriteOver(string file)
    {
        var (content, time) = (File.ReadAllText(file).ToUpperInvariant(), File.GetLastWriteTimeUtc(file));
        var before = Libc.StatPath(file)!.Value.State;
        do
        {
            File.WriteAllText(file, content);
            File.SetLastWriteTimeUtc(file, time);
        }
        while (!Libc.StatPath(file)!.Value.State.IsTouchedSince(before));
    }

    private SampleJob Job()
    {
        var job = _world.Job().Add("a.m4a", "audio", declare: true);
        job.Write();
        return job;
    }

    private IEnumerable<string> Names() =>
        Directory.EnumerateFileSystemEntries(_world.Outputs).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private IReadOnlyList<RecordedFailure> Failures()
    {
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        return ledger.Failures();
    }
}
