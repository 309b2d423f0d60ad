using BenchmarkDotNet.Attributes;
using NasSync.Planning;

namespace NasSync.Benchmarks;

/// <summary>What a job of ten artifacts costs that was copied before, between reading its manifest and knowing that nothing is to be done.</summary>
[MemoryDiagnoser]
public class PlanBenchmarks
{
    private readonly KnownJob _job = new(1);
    private IReadOnlyList<RouteDecision> _decisions = [];

    /// <summary>The routes, for the benchmark that does not measure them.</summary>
    [GlobalSetup]
    public void Route() => _decisions = KnownJob.Routes.Resolve(_job.Manifest);

    /// <summary>From ten artifacts to their targets.</summary>
    [Benchmark]
    public IReadOnlyList<RouteDecision> Resolve() => KnownJob.Routes.Resolve(_job.Manifest);

    /// <summary>From ten targets to ten items, with the ledger's rows in memory.</summary>
    [Benchmark]
    public TransferPlan Plan() => new Planner().Plan(_job.Manifest, _decisions, _job);
}
