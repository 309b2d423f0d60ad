using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/NasSync.Benchmarks -- --filter '*'
// The comparison with rsync and cp is bench/compare.sh.
BenchmarkSwitcher.FromAssembly(typeof(NasSync.Benchmarks.PathBenchmarks).Assembly).Run(args);
