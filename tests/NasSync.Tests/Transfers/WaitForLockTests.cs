using NasSync.Ledgers;
using NasSync.Tests.Support;
using NasSync.Transfers;
using NasSync.Unattended;

namespace NasSync.Tests.Transfers;

/// <summary>A run that finds the work folder held, and may wait for it.</summary>
public sealed class WaitForLockTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly SyncWorld _world = new();

    public WaitForLockTests() => _world.Job().Add("a.m4a", "audio", declare: true).Write();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task It_says_once_for_whom_it_waits_and_goes_on_when_the_other_has_finished()
    {
        var held = WorkLock.Acquire(_world.Config.WorkDir);
        var events = new List<TransferEvent>();
        await foreach (var happened in _world.Engine().RunAsync(new SyncRequest { WaitForLock = Hour }))
        {
            events.Add(happened);
            held.Dispose();
        }

        var notice = Assert.Single(events.OfType<TransferEvent.Warned>()).Notice;
        Assert.Equal("WaitingForLock", notice.Code);
        Assert.Contains($"pid {Environment.ProcessId}", notice.Message, StringComparison.Ordinal);
        Assert.Contains("up to 1h", notice.Hint, StringComparison.Ordinal);
        Assert.Equal((1, ExitCode.Ok), ((TransferEvent.Finished)events[^1]).Result is var result ? (result.Committed, result.ExitCode) : default);
    }

    [Fact]
    public async Task When_the_time_is_up_it_gives_up_and_says_how_long_it_waited()
    {
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        var time = new ManualTime();
        _world.Time = time;
        var run = _world.RunAsync(new SyncRequest { WaitForLock = Hour });
        var failure = (await Assert.ThrowsAsync<FailureException>(() => time.RunUntilAsync(run))).Failure;
        Assert.Equal("Locked", failure.Code);
        Assert.EndsWith("; it was waited for 1h.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_ends_the_waiting_and_the_last_event_still_comes()
    {
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        using var stop = new CancellationTokenSource();
        TransferEvent? last = null;
        await foreach (var happened in _world.Engine().RunAsync(new SyncRequest { WaitForLock = Hour }, stop.Token))
        {
            last = happened;
            await stop.CancelAsync();
        }

        Assert.Equal(ExitCode.Stopped, Assert.IsType<TransferEvent.Finished>(last).Result.ExitCode);
        Assert.Empty(_world.NasFiles());
    }

    [Fact]
    public async Task A_watcher_that_waits_ends_at_once_when_it_is_stopped()
    {
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        using var stop = new CancellationTokenSource();
        // Its clock stands still, so that it is not its time of grace that ends it.
        var watch = new SyncWatch(_world.Config, new ManualTime()) { WaitForLock = Hour };
        TransferEvent? last = null;
        await foreach (var happened in watch.RunAsync(stop.Token))
        {
            last = happened;
            if (happened is TransferEvent.Warned { Notice.Code: "WaitingForLock" }) await stop.CancelAsync();
        }

        Assert.True(Assert.IsType<TransferEvent.Finished>(last).Result.Stopped);
        Assert.False(watch.Began.IsCompleted);
    }

    [Fact]
    public async Task A_dry_run_needs_no_lock_and_waits_for_none()
    {
        using var held = WorkLock.Acquire(_world.Config.WorkDir);
        var events = await _world.RunAsync(new SyncRequest { DryRun = true, WaitForLock = Hour });
        Assert.Empty(events.OfType<TransferEvent.Warned>());
    }
}
