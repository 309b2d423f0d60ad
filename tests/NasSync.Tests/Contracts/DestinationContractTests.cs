using NasSync.Destinations.Contract;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>
/// Runs the whole contract against one destination. A new destination only derives a class: <c>[Needs("sshd")] public sealed class
/// SftpContractTests(SftpFixture place, ITestOutputHelper output) : DestinationContractTests&lt;SftpFixture&gt;(place, output);</c>
/// </summary>
public abstract class DestinationContractTests<TFixture>(TFixture place, ITestOutputHelper output) : IClassFixture<TFixture>
    where TFixture : DestinationFixture
{
    [NeedsTheory]
    [MemberData(nameof(ContractNames.All), MemberType = typeof(ContractNames))]
    public async Task Keeps(string promise)
    {
        var contractCase = DestinationContract.Cases.Single(one => one.Name == promise);
        var destination = await place.DestinationAsync();
        var results = new List<ContractResult>();
        await foreach (var one in new ContractRunner(TimeProvider.System).RunAsync(destination, [contractCase], CancellationToken.None))
            results.Add(one);
        var result = Assert.Single(results);
        output.WriteLine($"{result.Outcome}: {result.Detail}");
        Assert.True(result.Outcome != ContractOutcome.Failed, result.Detail);
        Assert.Empty(await place.LeftAsync());
        Assert.True(
            result.Outcome != ContractOutcome.NotApplicable || place.NeedNotApply.Contains(promise),
            $"the case does not apply here, and NeedNotApply does not name it: {result.Detail}");
    }
}

/// <summary>The names of the contract's cases, as data for a theory.</summary>
public static class ContractNames
{
    public static TheoryData<string> All => [.. DestinationContract.Cases.Select(one => one.Name)];
}
