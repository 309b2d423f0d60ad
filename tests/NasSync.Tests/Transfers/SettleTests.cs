using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A source that may still be written is not sent, and nothing else waits for it. The clock stands still but for the looks.</summary>
public sealed class SettleTests : IDisposable
{
    // Of no other timer of a run.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(7);

    private readonly ManualTime _time = new();
    private readonly SyncWorld _world = new();
    private readonly List<int> _looks = [];

    public SettleTests()
    {
        _world.Time = _time;
        _world.Config = _world.Config with { Settle = Settle, SettleTimeout = 3 * Settle };
    }

    [Fact]
    public async Task What_was_written_before_its_manifest_is_sent_without_a_wait()
    {
        _world.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(1, (await SyncAsync(_ => { })).Committed);
        Assert.Empty(_looks);
    }

    [Fact]
    public async Task What_has_the_declared_size_is_sent_without_a_wait()
    {
        Newer(_world.Job().Add("a.m4a", "audio", declare: true));
        Assert.Equal(1, (await SyncAsync(_ => { })).Committed);
        Assert.Empty(_looks);
    }

    [Fact]
    public async Task What_is_newer_than_its_manifest_is_looked_at_twice()
    {
        Newer(_world.Job().Add("a.m4a", "audio"));
        Assert.Equal(1, (await SyncAsync(_ => { })).Committed);
        Assert.Equal([1], _looks);
    }

    [Fact]
    public async Task A_file_that_grows_is_sent_when_it_has_come_to_rest_and_whole()
    {
        var source = Newer(_world.Job().Add("a.m4a", "audio"));
        var result = await SyncAsync(look =>
        {
            if (look < 3) File.AppendAllText(source, $" more {look}");
        });
        Assert.Equal((1, 0, ExitCode.Ok), (result.Committed, result.Failed, result.ExitCode));
        Assert.Equal([1, 2, 3], _looks);
        Assert.Equal("job_1/a.m4a more 1 more 2", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Fact]
    public async Task A_file_that_keeps_changing_is_left_for_a_later_run()
    {
        var source = Newer(_world.Job().Add("a.m4a", "audio"));
        var events = await RunAsync(look => File.AppendAllText(source, "x"));
        var failed = Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal((FailureClass.Transient, "SourceChanging"), (failed.Failure.Class, failed.Failure.Code));
        Assert.Equal("'a.m4a' of job 'job_1' was still changing after 21 s (14 bytes at the last look); it was not sent.", failed.Failure.Message);
        Assert.Equal(ExitCode.WillRetry, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
        Assert.Equal([1, 2, 3], _looks);
        Assert.Empty(_world.NasFiles());
        using (var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir)) Assert.NotNull(Assert.Single(ledger.Failures()).NextAt);

        Assert.Equal(1, (await SyncAsync(_ => { })).Committed);
        using (var ledger = Ledger.OpenReadOnly(_world.Config.WorkDir)) Assert.Empty(ledger.Failures());
    }

    [Fact]
    public async Task A_file_that_grows_to_its_declared_size_is_sent_and_is_no_mismatch()
    {
        var job = _world.Job().Declare("a.m4a", "audio", size: 10);
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "12345");
        var source = Newer(job);
        Assert.Equal((1, 0), await CountsAsync(look =>
        {
            if (look == 1) File.AppendAllText(source, "67890");
        }));
        Assert.Equal("1234567890", File.ReadAllText(Path.Combine(_world.Nas, "job_1/a.m4a")));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_file_at_rest_that_has_not_the_declared_size_is_a_mismatch(bool newer, int looks)
    {
        var job = _world.Job().Declare("a.m4a", "audio", size: 10);
        File.WriteAllText(Path.Combine(job.Folder, "a.m4a"), "12345");
        if (newer) Newer(job);
        else job.Write();
        var events = await RunAsync(_ => { });
        Assert.Equal(["ManifestMismatch"], events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal(looks, _looks.Count);
    }

    [Fact]
    public async Task Nothing_else_waits_for_a_file_that_may_still_be_written()
    {
        Newer(_world.Job("job_1").Add("a.m4a", "audio").Declare("b.m4a", "audio", size: 5), "a.m4a", () =>
            File.WriteAllText(Path.Combine(_world.Outputs, "job_1/b.m4a"), "12345"));
        _world.Job("job_2").Add("c.m4a", "audio").Write();
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _time.TimerMade = due =>
        {
            if (due == Settle) looked.TrySetResult();
        };

        var committed = new List<string>();
        await foreach (var one in _world.Engine().RunAsync(new SyncRequest()))
        {
            if (one is not TransferEvent.Committed { Item: var item }) continue;
            committed.Add(item.Artifact.Path);
            if (committed.Count != 2) continue;

            // Time goes on only now: had they waited for the first one, the run would never end.
            await looked.Task;
            _time.Advance(Settle);
        }

        Assert.Equal(["b.m4a", "c.m4a", "a.m4a"], [.. committed.Take(2).Order(StringComparer.Ordinal), committed[2]]);
    }

    [Fact]
    public async Task A_plan_waits_for_nothing()
    {
        Newer(_world.Job().Add("a.m4a", "audio"));
        var events = await RunAsync(_ => { }, new SyncRequest { DryRun = true });
        Assert.Equal(1, ((TransferEvent.Finished)events[^1]).Result.Committed);
        Assert.Empty(_looks);
    }

    [Fact]
    public async Task A_second_run_does_not_look_twice_at_what_is_unchanged()
    {
        Newer(_world.Job().Add("a.m4a", "audio"));
        await SyncAsync(_ => { });
        Assert.Equal([1], _looks);
        Assert.Equal(1, (await SyncAsync(_ => { })).Unchanged);
        Assert.Empty(_looks);
    }

    [Fact]
    public async Task A_file_that_goes_while_it_is_waited_for_is_gone()
    {
        var source = Newer(_world.Job().Add("a.m4a", "audio"));
        var events = await RunAsync(_ => File.Delete(source));
        Assert.Equal(["SourceGone"], events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code));
        Assert.Equal([1], _looks);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_waits_ends_without_a_failure()
    {
        Newer(_world.Job().Add("a.m4a", "audio"));
        using var stop = new CancellationTokenSource();
        _time.TimerMade = due =>
        {
            if (due == Settle) stop.Cancel();
        };
        var events = await _world.RunAsync(cancellationToken: stop.Token);
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Equal(ExitCode.Stopped, ((TransferEvent.Finished)events[^1]).Result.ExitCode);
    }

    public void Dispose() => _world.Dispose();

    // The manifest is older than the file, as if the producer had written it first.
    private static string Newer(SampleJob job, string name = "a.m4a", Action? then = null)
    {
        var source = Path.Combine(job.Folder, name);
        File.SetLastWriteTimeUtc(job.Write(), File.GetLastWriteTimeUtc(source).AddMinutes(-1));
        then?.Invoke();
        return source;
    }

    private async Task<(int Committed, int Failed)> CountsAsync(Action<int> beforeLook)
    {
        var result = await SyncAsync(beforeLook);
        return (result.Committed, result.Failed);
    }

    private async Task<SyncResult> SyncAsync(Action<int> beforeLook) => ((TransferEvent.Finished)(await RunAsync(beforeLook))[^1]).Result;

    // Whenever the run waits for its next look, the test does something and moves the clock there.
    private async Task<IReadOnlyList<TransferEvent>> RunAsync(Action<int> beforeLook, SyncRequest? request = null)
    {
        _looks.Clear();
        _time.TimerMade = due =>
        {
            if (due != Settle) return;
            _ = Task.Run(() =>
            {
                _looks.Add(_looks.Count + 1);
                beforeLook(_looks.Count);
                _time.Advance(Settle);
            });
        };
        return await _world.RunAsync(request);
    }
}
