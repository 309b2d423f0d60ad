using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;
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

    [Fact]
    public async Task A_stop_does_not_wait_for_a_place_that_is_asked_in_planning_and_begins_no_copy_elsewhere()
    {
        using var stop = new CancellationTokenSource();
        var other = Path.Combine(_world.Root, "other");
        _world.Route = new Route { Number = 1, To = [other, "${remoteRoots.nas}"] };
        _world.Wrap = (target, place) => target.Root == other ? place : new AnswersNobody(place, stop);
        var result = await RunAsync(stop.Token).WaitAsync(Longest);
        Assert.Equal((0, 0, true), (result.Committed, result.Failed, result.Stopped));
        Assert.False(File.Exists(Path.Combine(other, "a.m4a")));
    }

    [Fact]
    public async Task After_a_stop_what_waits_for_a_slot_is_left_to_the_next_run()
    {
        _world.Config = _world.Config with { Transfers = 1 };
        _world.Job("second").Add("a.m4a", "audio", declare: true, content: new byte[2 * SourceFeed.BlockBytes]).Write();
        using var stop = new CancellationTokenSource();
        var planned = 0;
        var run = RunAsync(stop.Token, happened => planned += happened is TransferEvent.Planned ? 1 : 0);
        await _begun.Task;
        while (Volatile.Read(ref planned) < 2) await Task.Yield();
        await stop.CancelAsync();
        _open.SetResult();
        Assert.Equal((1, 0, true), (await run.WaitAsync(Longest)) is var result ? (result.Committed, result.Failed, result.Stopped) : default);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_the_next_attempt()
    {
        _world.Wrap = (_, place) => new Fails(place);
        using var stop = new CancellationTokenSource();
        var result = await RunAsync(stop.Token, happened =>
        {
            if (happened is TransferEvent.Retrying) stop.Cancel();
        }).WaitAsync(Longest);
        Assert.Equal((0, 1, false), (result.Committed, result.Failed, result.Stopped));
    }

    private async Task<SyncResult> RunAsync(CancellationToken stop, Action<TransferEvent>? seen = null)
    {
        SyncResult? result = null;
        await foreach (var happened in new SyncWatch(_world.Config with { OutputsDir = _world.Outputs }, _time) { Engine = _world.Engine }
            .RunAsync(stop))
        {
            seen?.Invoke(happened);
            if (happened is TransferEvent.Finished finished) result = finished.Result;
        }

        return result!;
    }

    private sealed class AnswersNobody(IDestination inner, CancellationTokenSource stop) : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation != DestinationCall.Stat) return await call();
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return await call();
        }
    }

    private sealed class Fails(IDestination inner) : DestinationDecorator(inner), IDestination
    {
        ValueTask<IWriteSession> IDestination.BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken) =>
            throw new FailureException(new Failure(FailureClass.Transient, "ConnectionLost", "It broke off.", "Wait."));
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
