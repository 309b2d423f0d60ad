using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A failure whose manifest is gone leaves the ledger, but only where the absence is proven.</summary>
public sealed class GoneJobsTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_failure_goes_by_itself_when_its_job_is_gone_and_the_others_stay()
    {
        var gone = await FailAsync("job_1");
        await FailAsync("job_2");
        _world.Job("job_3").Add("a.m4a", "audio").Write();
        Directory.Delete(gone.Folder, recursive: true);

        var events = await _world.RunAsync();

        Assert.Equal("job_2", Assert.Single(Failures()).JobId);
        var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("FailuresForgotten", notice.Code);
        Assert.Contains(gone.ManifestPath, notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_failures_of_one_manifest_are_told_in_words_that_agree()
    {
        var gone = _world.Job("job_1").Declare("a.m4a", "audio").Declare("b.m4a", "audio");
        gone.Write();
        await _world.RunAsync();
        Directory.Delete(gone.Folder, recursive: true);

        var notice = Assert.Single((await _world.RunAsync()).OfType<TransferEvent.Warned>()).Notice;

        Assert.Equal($"2 failures are forgotten, because their manifest is gone: {gone.ManifestPath}.", notice.Message);
    }

    [Fact]
    public async Task A_failure_of_a_manifest_as_a_whole_goes_with_the_manifest_though_its_folder_stays()
    {
        var job = _world.Job("job_1").Add("a.m4a", "audio");
        File.WriteAllText(job.Write(), "{ no manifest }");
        await _world.RunAsync();
        Assert.Single(Failures());
        File.Delete(job.ManifestPath);

        Assert.Equal(ExitCode.Ok, (await _world.SyncAsync()).ExitCode);
        Assert.Empty(Failures());
    }

    [Fact]
    public async Task A_run_that_changes_nothing_forgets_nothing()
    {
        Directory.Delete((await FailAsync("job_1")).Folder, recursive: true);
        Assert.DoesNotContain(await _world.RunAsync(new SyncRequest { DryRun = true }), one => one is TransferEvent.Warned);
        Assert.Single(Failures());
    }

    [Fact]
    public async Task A_job_behind_a_link_whose_end_is_missing_is_not_gone()
    {
        var elsewhere = Path.Combine(_world.Root, "disk");
        var job = await FailAsync("job_1");
        Directory.Move(job.Folder, elsewhere);
        Directory.CreateSymbolicLink(job.Folder, elsewhere);
        Directory.Move(elsewhere, elsewhere + ".away");

        await _world.SyncAsync();

        Assert.Single(Failures());
    }

    [Fact]
    public async Task What_lies_outside_the_outputs_folder_is_not_known_to_be_gone()
    {
        var other = Path.Combine(_world.Root, "other");
        var job = new SampleJob(other, "job_1").Declare("late.m4a", "audio");
        await _world.RunAsync(new SyncRequest { Paths = [job.Write()] });
        Directory.Delete(other, recursive: true);

        await _world.SyncAsync();

        Assert.Single(Failures());
    }

    [Fact]
    public async Task To_try_it_again_finds_nothing_to_try_and_nothing_to_complain_of()
    {
        var job = await FailAsync("job_1");
        await FailAsync("job_2");
        Directory.Delete(job.Folder, recursive: true);
        var asked = Failures().Where(failure => failure.JobId == "job_1").ToList();

        var dry = await _world.RunAsync(new SyncRequest { Failures = asked, DryRun = true });
        Assert.Equal(2, Failures().Count);
        var events = await _world.RunAsync(new SyncRequest { Failures = asked });

        foreach (var run in new[] { dry, events })
        {
            Assert.Equal("FailuresForgotten", Assert.Single(run.OfType<TransferEvent.Warned>()).Notice.Code);
            Assert.Equal((0, 0, ExitCode.Ok), Ending(run));
        }

        Assert.Equal("job_2", Assert.Single(Failures()).JobId);
    }

    [Fact]
    public async Task A_watcher_forgets_what_it_saw_go()
    {
        var job = await FailAsync("job_1");
        await using var run = new EndlessRun(_world);
        await run.SyncAsync(job.ManifestPath);
        Assert.Single(Failures());
        Directory.Delete(job.Folder, recursive: true);

        run.Queue.Forget(job.ManifestPath);
        await run.SyncAsync(_world.Job("job_2").Add("a.m4a", "audio").Write());
        await run.SyncAsync(_world.Job("job_3").Add("a.m4a", "audio").Write());

        await run.UntilAsync<TransferEvent.Warned>(one => one.Notice.Code == "FailuresForgotten");
        Assert.Empty(Failures());
    }

    private async Task<SampleJob> FailAsync(string jobId)
    {
        var job = _world.Job(jobId).Declare("late.m4a", "audio");
        job.Write();
        await _world.RunAsync();
        return job;
    }

    private static (int Manifests, int Failed, ExitCode ExitCode) Ending(IReadOnlyList<TransferEvent> events)
    {
        var result = ((TransferEvent.Finished)events[^1]).Result;
        return (result.Manifests, result.Failed, result.ExitCode);
    }

    private IReadOnlyList<RecordedFailure> Failures()
    {
        using var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir);
        return ledger.Failures();
    }
}
