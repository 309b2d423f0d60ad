using NasSync.Destinations;
using NasSync.Destinations.Contract;
using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

public sealed class ContractRunnerTests
{
    private static readonly ContractRunner Runner = new(TimeProvider.System);

    [Fact]
    public void Every_case_has_a_name_of_its_own()
    {
        Assert.True(DestinationContract.Cases.Count > 40);
        Assert.Empty(DestinationContract.Cases.GroupBy(one => one.Name).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public async Task A_run_leaves_nothing_behind()
    {
        var place = new MemoryDestination(TimeProvider.System);
        var results = await RunAsync(place, DestinationContract.Cases);
        Assert.Equal(DestinationContract.Cases.Count, results.Count);
        Assert.All(results, result => Assert.True(result.Outcome == ContractOutcome.Passed, $"{result.Name}: {result.Detail}"));
        Assert.Empty(place.Contents);
        Assert.Empty(place.FoldersThere);
        Assert.Equal(0, place.BytesInParts);
    }

    [Fact]
    public async Task A_case_that_breaks_leaves_nothing_behind_and_the_next_one_is_run()
    {
        var place = new MemoryDestination(TimeProvider.System);
        var results = await RunAsync(place, [Case("breaks", async (at, stop) =>
        {
            await at.WriteAsync("a/b/whole", [1, 2, 3], stop);
            await at.BreakOffAsync(at.Request("c/half", [1, 2, 3, 4]), [1, 2, 3, 4], 2, stop);
            throw new InvalidOperationException("on purpose");
        }), Case("goes on", (_, _) => Task.CompletedTask)]);
        Assert.Equal([ContractOutcome.Failed, ContractOutcome.Passed], results.Select(result => result.Outcome));
        Assert.Equal("unexpected InvalidOperationException: on purpose", results[0].Detail);
        Assert.Empty(place.Contents);
        Assert.Empty(place.FoldersThere);
        Assert.Equal(0, place.BytesInParts);
    }

    [Theory]
    [InlineData(FailureClass.Unavailable)]
    [InlineData(FailureClass.Auth)]
    public async Task A_place_that_went_away_ends_the_run(FailureClass away)
    {
        var place = new FaultyDestination(new MemoryDestination(TimeProvider.System)).Fail(DestinationCall.Stat, away, times: 1);
        var breaks = Case("breaks", (_, _) => throw new InvalidOperationException("on purpose"));
        var results = new List<ContractResult>();
        var error = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var result in Runner.RunAsync(place, [breaks, breaks], CancellationToken.None)) results.Add(result);
        });
        Assert.Equal(away, error.Failure.Class);
        Assert.Single(results);
    }

    [Fact]
    public async Task A_run_that_is_stopped_in_a_case_leaves_nothing_behind()
    {
        var place = new MemoryDestination(TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var stopping = Case("stops", async (at, token) =>
        {
            await at.WriteAsync("whole", [1, 2, 3], token);
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(place, [stopping, stopping], stop.Token));
        Assert.Empty(place.Contents);
        Assert.Empty(place.FoldersThere);
    }

    [Fact]
    public async Task A_reader_that_stops_early_leaves_nothing_behind()
    {
        var place = new MemoryDestination(TimeProvider.System);
        await foreach (var result in Runner.RunAsync(place, CancellationToken.None))
            if (result.Group == "content") break;
        Assert.Empty(place.Contents);
        Assert.Empty(place.FoldersThere);
    }

    [Fact]
    public async Task What_could_not_be_removed_is_said()
    {
        var place = new FaultyDestination(new MemoryDestination(TimeProvider.System)).Fail(DestinationCall.Delete, FailureClass.Permission);
        var result = Assert.Single(await RunAsync(place, [Case("writes", (at, stop) => at.WriteAsync("song", [1], stop))]));
        Assert.Equal(ContractOutcome.Failed, result.Outcome);
        Assert.Contains("could be removed: Delete failed on purpose.", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_probed_is_a_failure_of_the_run()
    {
        var place = new FaultyDestination(new MemoryDestination(TimeProvider.System)).Fail(DestinationCall.Probe, FailureClass.Auth);
        var error = await Assert.ThrowsAsync<FailureException>(() => RunAsync(place, DestinationContract.Cases));
        Assert.Equal(FailureClass.Auth, error.Failure.Class);
    }

    [Fact]
    public async Task A_case_that_does_not_apply_says_why()
    {
        var result = Assert.Single(await RunAsync(new MemoryDestination(TimeProvider.System), [Case("needs more", (_, _) =>
        {
            Expect.Applies(false, "it cannot");
            return Task.CompletedTask;
        })]));
        Assert.Equal((ContractOutcome.NotApplicable, "it cannot"), (result.Outcome, result.Detail));
    }

    internal static async Task<List<ContractResult>> RunAsync(IDestination place, IEnumerable<ContractCase> cases, CancellationToken stop = default)
    {
        var results = new List<ContractResult>();
        await foreach (var result in Runner.RunAsync(place, cases, stop)) results.Add(result);
        return results;
    }

    private static ContractCase Case(string name, Func<ContractPlace, CancellationToken, Task> run) => new("test", name, run);
}
