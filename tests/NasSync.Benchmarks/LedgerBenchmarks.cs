using BenchmarkDotNet.Attributes;
using NasSync.Ledgers;

namespace NasSync.Benchmarks;

/// <summary>The ledger with 10,000 copies in 1,000 jobs, on the disk of the temporary folder.</summary>
[MemoryDiagnoser]
public class LedgerBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nassync-benchmark").FullName;
    private readonly KnownJob[] _jobs = [.. Enumerable.Range(1, 1000).Select(number => new KnownJob(number))];
    private RecordedCopy[] _batch = [];
    private Ledger _ledger = null!;
    private int _next;

    /// <summary>Fills it.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _ledger = Ledger.Open(_folder);
        _ledger.Record([.. _jobs.SelectMany(job => job.Rows)]);
        _batch = [.. _jobs.Take(25).SelectMany(job => job.Rows)];
    }

    /// <summary>The ten rows of a job.</summary>
    [Benchmark]
    public IReadOnlyList<RecordedCopy> OfJob() => _ledger.OfJob(_jobs[_next++ % _jobs.Length].JobId);

    /// <summary>250 copies in one transaction, until they are on the disk.</summary>
    [Benchmark]
    public void Record250() => _ledger.Record(_batch);

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public void Remove()
    {
        _ledger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
