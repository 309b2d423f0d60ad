using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/NasSync.Benchmarks -- --filter '*'
// dotnet run -c Release --project tests/NasSync.Benchmarks -- watch-idle
// The comparison with other programs is bench/run.
if (args is ["watch-idle", .. var rest])
{
    await NasSync.Benchmarks.WatchIdle.RunAsync(rest);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(NasSync.Benchmarks.PathBenchmarks).Assembly).Run(args);
