using System.Diagnostics;
using System.Globalization;
using NasSync.Watching;

namespace NasSync.Benchmarks;

/// <summary>
/// What it costs to watch very many jobs in which nothing happens, and how soon a new one is given:
/// <c>dotnet run -c Release --project tests/NasSync.Benchmarks -- watch-idle [JOBS] [SECONDS] [poll]</c>. With <c>poll</c> the folder is taken for one
/// of a network file system.
/// </summary>
internal static class WatchIdle
{
    private const int Scans = 50, Drops = 200;

    /// <summary>Measures, and prints a line for each figure.</summary>
    public static async Task RunAsync(string[] args)
    {
        var jobs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60;
        var outputs = Directory.CreateTempSubdirectory("nassync-watch-").FullName;
        var aside = Directory.CreateTempSubdirectory("nassync-aside-").FullName;
        try
        {
            for (var i = 0; i < jobs; i++) Make(outputs, $"job_20260114_{i:d5}");
            await MeasureAsync(outputs, aside, jobs, seconds, args.Contains("poll"));
        }
        finally
        {
            Directory.Delete(outputs, recursive: true);
            Directory.Delete(aside, recursive: true);
        }
    }

    private static async Task MeasureAsync(string outputs, string aside, int jobs, int seconds, bool isPolled)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var watcher = OutputsWatcher.Start(outputs, TimeSpan.FromSeconds(5), TimeProvider.System, kindThatChangesUntold: isPolled ? _ => "nfs4" : null);
        for (var i = 0; i < jobs; i++) await watcher.NextAsync(default);
        await TimeOfAsync(watcher, 3); // compiled by now
        Console.WriteLine($"memory: {(GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs:f0} bytes for each of {jobs} jobs");

        var allocated = GC.GetTotalAllocatedBytes();
        var (cpu, elapsed) = await TimeOfAsync(watcher, Scans);
        Console.WriteLine($"a scan: {cpu:f1} ms of CPU, {elapsed:f1} ms, {(GC.GetTotalAllocatedBytes() - allocated) / Scans / 1024} KiB allocated");

        var (scans, began) = (watcher.Figures.Scans, Cpu());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"idle for {seconds} s: {Cpu() - began:f0} ms of CPU, {watcher.Figures.Scans - scans} scans, working set {Environment.WorkingSet >> 20} MiB");

        var latencies = new List<double>();
        for (var i = 0; i < Drops && !isPolled; i++)
        {
            Make(aside, $"new_{i}");
            var next = watcher.NextAsync(default).AsTask();
            var clock = Stopwatch.GetTimestamp();
            Directory.Move(Path.Combine(aside, $"new_{i}"), Path.Combine(outputs, $"new_{i}"));
            await next;
            latencies.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        latencies.Sort();
        if (latencies.Count > 0) Console.WriteLine($"from rename to given: p50 {latencies[Drops / 2]:f2} ms, p99 {latencies[Drops * 99 / 100]:f2} ms");
    }

    // CPU of the process and time for each scan.
    private static async Task<(double Cpu, double Elapsed)> TimeOfAsync(OutputsWatcher watcher, int scans)
    {
        var (cpu, clock) = (Cpu(), Stopwatch.GetTimestamp());
        for (var i = 0; i < scans; i++)
        {
            var before = watcher.Figures.Scans;
            watcher.LookNow();
            while (watcher.Figures.Scans == before) await Task.Delay(1);
        }

        return ((Cpu() - cpu) / scans, Stopwatch.GetElapsedTime(clock).TotalMilliseconds / scans);
    }

    private static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;

    private static void Make(string below, string job)
    {
        var folder = Directory.CreateDirectory(Path.Combine(below, job)).FullName;
        File.WriteAllText(Path.Combine(folder, ManifestFinder.FileName), "{}");
    }
}
