using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>A place that does not answer keeps no other place waiting, whatever step it stands still in.</summary>
public sealed class SlowPlaceTests : IDisposable
{
    private const int Large = 10 * SourceFeed.BlockBytes;
    private readonly SyncWorld _world = new();

    [Theory]
    [InlineData("begin", 10)]
    [InlineData("begin", Large)]
    [InlineData("write", 10)]
    [InlineData("write", Large)]
    [InlineData("commit", 10)]
    [InlineData("commit", Large)]
    public async Task The_other_copy_is_committed_while_one_stands_still(string step, int size)
    {
        _world.Job().Add("a.m4a", "audio", content: new byte[size]).Write();
        _world.Route = new Route { Number = 1, To = [Path.Combine(_world.Root, "slow"), "${remoteRoots.nas}"] };
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new SyncEngine(_world.Config)
        {
            Patience = new Patience { Beginning = TimeSpan.Zero, Pace = TimeSpan.Zero },
            Wrap = (target, place) => target.Display.Contains("/slow/", StringComparison.Ordinal)
                ? new StandsStill(place, Enum.Parse<DestinationCall>(step, ignoreCase: true), open.Task)
                : place,
        };

        var committed = new List<string>();
        await foreach (var one in engine.RunAsync(new SyncRequest()))
        {
            if (one is TransferEvent.Failed failed) Assert.Fail(failed.Failure.Message);
            if (one is not TransferEvent.Committed { Item.Target: { } target }) continue;
            committed.Add(Path.GetFileName(target.Root));

            // Only now the slow place goes on: had the other one waited for it, the run would never end.
            open.TrySetResult();
        }

        Assert.Equal(["nas", "slow"], committed);
    }

    [Theory]
    [InlineData("stat")]
    [InlineData("begin")]
    [InlineData("write")]
    [InlineData("commit")]
    public async Task A_place_that_hangs_fails_its_items_and_the_run_ends_without_it(string step)
    {
        for (var i = 1; i <= 3; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/${jobId}", Path.Combine(_world.Root, "slow") + "/${jobId}"] };
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var time = new ManualTime();
        var standing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var others = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new SyncEngine(_world.Config, time)
        {
            Patience = new Patience { Beginning = TimeSpan.Zero },
            Wrap = (target, place) => target.Display.Contains("/slow/", StringComparison.Ordinal)
                ? new StandsStill(place, Enum.Parse<DestinationCall>(step, ignoreCase: true), open.Task, standing.SetResult)
                : place,
        };

        // Time passes only when nothing but the place that hangs is left to wait for; a planner that waits for its answer has sent nothing yet.
        if (step == "stat") others.SetResult();
        var passing = Task.WhenAll(standing.Task, others.Task).ContinueWith(_ => time.Advance(TimeSpan.FromHours(1)), TaskScheduler.Default);
        var (committed, failed) = (0, new List<Failure>());
        await foreach (var one in engine.RunAsync(new SyncRequest()))
        {
            if (one is TransferEvent.Failed failure) failed.Add(failure.Failure);
            if (one is TransferEvent.Committed && ++committed == 3) others.TrySetResult();
        }

        await passing;
        open.SetResult();
        Assert.Equal(3, committed);
        Assert.All(failed, failure => Assert.Equal((FailureClass.Unavailable, "DestinationHangs"), (failure.Class, failure.Code)));
        Assert.Equal(3, failed.Count);
    }

    public void Dispose() => _world.Dispose();
}
