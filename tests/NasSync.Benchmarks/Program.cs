using BenchmarkDotNet.Running;
using NasSync.Benchmarks;

// dotnet run -c Release --project tests/NasSync.Benchmarks -- --filter '*'
// dotnet run -c Release --project tests/NasSync.Benchmarks -- watch-idle
// The comparison with other programs is bench/run, which uses the rest.
switch (args)
{
    case ["watch-idle", .. var rest]:
        await WatchIdle.RunAsync(rest);
        break;
    case ["make-jobs", .. var rest]:
        JobMaker.Run(rest);
        break;
    case ["event-to-copy", .. var rest]:
        await EventToCopy.RunAsync(rest);
        break;
    case ["bad-line", .. var rest]:
        await BadLine.RunAsync(rest);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(PathBenchmarks).Assembly).Run(args);
        break;
}
