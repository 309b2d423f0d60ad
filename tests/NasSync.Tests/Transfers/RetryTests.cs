using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Manifests;
using NasSync.Routing;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class RetryTests : IDisposable
{
    private readonly SyncWorld _world = new();
    private int _begun;

    public RetryTests()
    {
        _world.Config = _world.Config with
        {
            Retry = new() { MaxAttempts = 3, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
        };
        _world.Job().Add("a.m4a", "audio").Write();
    }

    [Fact]
    public async Task An_item_that_fails_for_a_reason_that_may_pass_is_tried_again_in_the_same_run()
    {
        var events = await RunAsync(failures: 2, FailureClass.Transient);
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Equal(2, events.OfType<TransferEvent.Retrying>().Count(retrying => retrying.Failure.Code == "Test"));
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Equal(3, _begun);
        Assert.Equal(["job_1/a.m4a"], _world.NasFiles());
    }

    [Fact]
    public async Task Tries_end_and_the_item_fails_once()
    {
        var events = await RunAsync(failures: 100, FailureClass.Transient);
        Assert.Equal(ExitCode.WillRetry, Assert.IsType<TransferEvent.Finished>(events[^1]).Result.ExitCode);
        Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal(3, _begun);
    }

    [Fact]
    public async Task What_does_not_pass_by_itself_fails_at_once()
    {
        var events = await RunAsync(failures: 100, FailureClass.Auth);
        Assert.Single(events.OfType<TransferEvent.Failed>());
        Assert.Equal(1, _begun);
    }

    [Fact]
    public async Task A_run_for_one_artifact_leaves_the_failures_of_the_others_on_the_list()
    {
        var job = _world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio");
        job.Write();
        _world.Wrap = (_, place) => new FaultyDestination(place).Fail(DestinationCall.Begin, FailureClass.Permission, times: 100);
        Assert.Equal(2, (await _world.SyncAsync()).Failed);

        _world.Wrap = null;
        using var file = File.OpenRead(job.ManifestPath);
        var decisions = new RouteTable(_world.Config).Resolve(ManifestReader.Read(file, job.ManifestPath));
        Assert.Equal(1, (await _world.SyncAsync(new SyncRequest { Decisions = [decisions[0]] })).Committed);
        using var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir);
        Assert.Equal("b.m4a", Assert.Single(ledger.Failures()).Artifact);
    }

    [Theory]
    [InlineData(true, "job_1/a (job_1 2).m4a")]
    [InlineData(false, "job_1/a.m4a")]
    public async Task A_retry_takes_up_a_copy_that_is_to_have_another_number_by_now(bool isTakenToo, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1")).FullName;
        File.WriteAllText(Path.Combine(folder, "a.m4a"), "of somebody else");
        _world.Wrap = (_, place) => new FaultyDestination(place).Fail(DestinationCall.Begin, FailureClass.Permission, times: 100);
        Assert.Equal(1, (await _world.SyncAsync()).Failed);
        var failure = Assert.Single(Failures());
        Assert.Equal("job_1/a (job_1).m4a", failure.Target!.Path);

        if (isTakenToo) File.WriteAllText(Path.Combine(folder, "a (job_1).m4a"), "of somebody else too");
        else File.Delete(Path.Combine(folder, "a.m4a"));
        _world.Wrap = null;
        var events = await _world.RunAsync(new SyncRequest { Failures = [failure] });

        Assert.Equal(name, Assert.Single(events.OfType<TransferEvent.Committed>()).Item.Target!.Path);
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Empty(Failures());

        IReadOnlyList<RecordedFailure> Failures()
        {
            using var ledger = NasSync.Ledgers.Ledger.OpenReadOnly(_world.Config.WorkDir);
            return ledger.Failures();
        }
    }

    [Fact]
    public async Task A_place_that_is_gone_is_left_alone_after_a_few_items_and_another_place_gets_everything()
    {
        _world.Route = new Route { Number = 1, To = ["${remoteRoots.nas}/good/${jobId}", Path.Combine(_world.Root, "down") + "/${jobId}"] };
        for (var i = 2; i <= 40; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        var events = await RunAsync(failures: int.MaxValue, FailureClass.Unavailable, only: "down");
        Assert.Equal(40, events.OfType<TransferEvent.Committed>().Count());
        var failures = events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code).ToList();
        Assert.Equal(40, failures.Count);
        Assert.Contains("BreakerOpen", failures);
        Assert.True(_begun < 40);
        Assert.Equal(ExitCode.DestinationUnavailable, Assert.IsType<TransferEvent.Finished>(events[^1]).Result.ExitCode);
    }

    [Fact]
    public async Task A_place_that_refuses_the_login_ends_a_run_with_the_same_code_whether_many_items_ask_or_one()
    {
        _world.Config = _world.Config with { Transfers = 1 };
        for (var i = 2; i <= 40; i++) _world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        var events = await RunAsync(failures: int.MaxValue, FailureClass.Auth);
        Assert.Equal(
            ["BreakerOpen", "Test"],
            events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.Code).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(ExitCode.FailedForGood, Assert.IsType<TransferEvent.Finished>(events[^1]).Result.ExitCode);
    }

    public void Dispose() => _world.Dispose();

    private async Task<List<TransferEvent>> RunAsync(int failures, FailureClass @class, string only = "")
    {
        var left = failures;
        var engine = new SyncEngine(_world.Config)
        {
            Wrap = (target, place) => target.Display.Contains(only, StringComparison.Ordinal)
                ? new FailingToBegin(place, () =>
                {
                    Interlocked.Increment(ref _begun);
                    if (Interlocked.Decrement(ref left) >= 0) throw new FailureException(new Failure(@class, "Test", "It failed.", "Wait."));
                })
                : place,
        };
        var events = new List<TransferEvent>();
        await foreach (var one in engine.RunAsync(new SyncRequest())) events.Add(one);
        return events;
    }

    private sealed class FailingToBegin(IDestination inner, Action begin) : DestinationDecorator(inner)
    {
        protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation == DestinationCall.Begin) begin();
            return call();
        }
    }
}
