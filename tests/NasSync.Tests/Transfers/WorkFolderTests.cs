using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class WorkFolderTests
{
    [RequiresFact("mount")]
    public async Task No_new_work_is_taken_when_the_ledger_might_not_have_room_to_record_it()
    {
        using var small = Mounted.Tmpfs("32m");
        using var world = new SyncWorld();
        world.Config = world.Config with { WorkDir = Path.Combine(small.Path, "work") };
        world.Job().Add("a.m4a", "audio").Write();

        var events = await world.RunAsync();

        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.NoSpace, "WorkDirFull", world.Config.WorkDir), (failed.Failure.Class, failed.Failure.Code, failed.Subject));
        Assert.Equal(ExitCode.DestinationUnavailable, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Empty(world.NasFiles());
    }

    [RequiresFact("mount")]
    public async Task What_is_under_way_when_the_room_runs_out_is_finished_and_recorded()
    {
        using var small = Mounted.Tmpfs("100m");
        using var world = new SyncWorld();
        world.Config = world.Config with { WorkDir = Path.Combine(small.Path, "work") };
        for (var job = 1; job <= 3; job++) world.Job($"job_{job}").Add("a.m4a", "audio").Write();
        var request = new SyncRequest
        {
            Approve = (_, _) =>
            {
                using var ballast = File.Open(Path.Combine(small.Path, "ballast"), FileMode.Create);
                ballast.Write(new byte[60 << 20]);
                return ValueTask.FromResult(true);
            },
        };

        var events = await world.RunAsync(request);

        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal("WorkDirFull", Assert.Single(events.OfType<TransferEvent.Failed>()).Failure.Code);
        Assert.Single(world.NasFiles());
        using var ledger = Ledger.OpenReadOnly(world.Config.WorkDir);
        Assert.Single(ledger.Copies());
        Assert.Empty(ledger.Failures());
    }

    [RequiresFact("mount")]
    public void A_ledger_for_which_there_is_no_room_says_so_however_far_it_came()
    {
        using var small = Mounted.Tmpfs("512k");
        var (work, ballast) = (Path.Combine(small.Path, "work"), Path.Combine(small.Path, "ballast"));
        for (var free = 0; free <= 320; free += 16)
        {
            File.WriteAllBytes(ballast, new byte[(480 - free) << 10]);
            try
            {
                Ledger.Open(work).Dispose();
            }
            catch (FailureException e)
            {
                Assert.True(e.Failure.Class == FailureClass.NoSpace, $"{free} KiB: {e.Failure} {e.InnerException}");
            }

            File.Delete(ballast);
            Directory.Delete(work, recursive: true);
        }
    }

    [RequiresFact("mount", "sshfs", "/dev/fuse", "/usr/lib/openssh/sftp-server")]
    public async Task A_work_folder_on_a_network_file_system_is_refused_unless_it_is_allowed()
    {
        using var mounted = Mounted.Sshfs();
        using var world = new SyncWorld();
        world.Config = world.Config with { WorkDir = Path.Combine(mounted.Path, "work") };
        world.Job().Add("a.m4a", "audio").Write();

        var failure = (await Assert.ThrowsAsync<FailureException>(() => world.RunAsync())).Failure;

        Assert.Equal((FailureClass.Config, "WorkDirOnNetwork"), (failure.Class, failure.Code));
        Assert.Contains($"'{world.Config.WorkDir}' lies on a network file system (fuse.sshfs)", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.Config.WorkDir));

        world.Config = world.Config with { AllowNetworkWorkDir = true };
        try
        {
            await world.RunAsync();
        }
        catch (FailureException e)
        {
            // Allowed is not promised: this one may have no shared memory for the log. It is past the refusal.
            Assert.NotEqual("WorkDirOnNetwork", e.Failure.Code);
        }
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_may_read_the_ledger_anywhere()
    {
        using var world = new SyncWorld();
        world.Job().Add("a.m4a", "audio").Write();
        var engine = new SyncEngine(world.Config) { NetworkKindOf = _ => "nfs" };

        var failure = (await Assert.ThrowsAsync<FailureException>(() => LastAsync(new SyncRequest()))).Failure;
        Assert.Contains("(nfs)", failure.Message, StringComparison.Ordinal);
        Assert.IsType<TransferEvent.Finished>(await LastAsync(new SyncRequest { DryRun = true }));

        async Task<TransferEvent?> LastAsync(SyncRequest request)
        {
            TransferEvent? last = null;
            await foreach (var one in engine.RunAsync(request)) last = one;
            return last;
        }
    }
}
