using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Unattended;

namespace NasSync.Tests.Unattended;

/// <summary>What becomes of a copy under way when a watcher is stopped; the clock stands still until a test moves it.</summary>
public sealed class SyncWatchTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private readonly SyncWorld _world = new();
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SyncWatchTests()
    {
        _world.Time = _time;
        _world.Wrap = (_, place) => new Waits(place, _begun, _open.Task);
        _world.Job().Add("a.m4a", "audio", declare: true).Write();
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task What_is_under_way_has_its_time_after_a_stop()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(stop.Token);
        await _begun.Task;
        await stop.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(9));
        _open.SetResult();
        Assert.Equal((1, false), (await run.WaitAsync(Longest)) is var result ? (result.Committed, result.Stopped) : default);
    }

    [Fact]
    public async Task What_takes_longer_is_broken_off()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(stop.Token);
        await _begun.Task;
        await stop.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, 0, true), (await run.WaitAsync(Longest)) is var result ? (result.Committed, result.Failed, result.Stopped) : default);
    }

    [Fact]
    public async Task After_a_stop_nothing_new_is_begun()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(stop.Token);
        await _begun.Task;
        await stop.CancelAsync();
        _world.Job("late").Add("a.m4a", "audio", declare: true).Write();
        _open.SetResult();
        Assert.Equal(1, (await run.WaitAsync(Longest)).Manifests);
    }

    private async Task<SyncResult> RunAsync(CancellationToken stop)
    {
        SyncResult? result = null;
        await foreach (var happened in new SyncWatch(_world.Config with { OutputsDir = _world.Outputs }, _time) { Engine = _world.Engine }
            .RunAsync(stop))
            if (happened is TransferEvent.Finished finished) result = finished.Result;
        return result!;
    }

    private sealed class Waits(IDestination inner, TaskCompletionSource begun, Task open) : DestinationDecorator(inner), IDestination
    {
        async ValueTask<IWriteSession> IDestination.BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
        {
            begun.TrySetResult();
            await open.WaitAsync(cancellationToken);
            return await base.BeginWriteAsync(request, cancellationToken);
        }
    }
}
