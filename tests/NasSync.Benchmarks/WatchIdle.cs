using System.Diagnostics;
using System.Globalization;
using NasSync.Watching;

namespace NasSync.Benchmarks;

/// <summary>
/// What it costs to watch very many jobs in which nothing happens, and how soon a new one is given:
/// <c>dotnet run -c Release --project tests/NasSync.Benchmarks -- watch-idle [JOBS] [SECONDS] [poll]</c>. With <c>poll</c> the folder is taken for
/// one of a network file system.
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
        var feed = new ManifestFeed(TimeProvider.System);
        await using var watcher = OutputsWatcher.Start(
            outputs, TimeSpan.FromSeconds(5), TimeProvider.System, feed, kindThatChangesUntold: isPolled ? _ => "nfs4" : null);
        for (var i = 0; i < jobs; i++) await TakeAsync(feed);
        Console.WriteLine($"memory: {(GC.GetTotalMemory(forceFullCollection: true) - before) / (double)jobs:f0} bytes for each of {jobs} jobs");

        await MeasureScansAsync(outputs);

        var (scans, began) = (watcher.Figures.Scans, Cpu());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"idle for {seconds} s: {Cpu() - began:f0} ms of CPU, {watcher.Figures.Scans - scans} scans, "
            + $"working set {Environment.WorkingSet >> 20} MiB");

        var latencies = new List<double>();
        for (var i = 0; i < Drops && !isPolled; i++)
        {
            Make(aside, $"new_{i}");
            var next = TakeAsync(feed);
            var clock = Stopwatch.GetTimestamp();
            Directory.Move(Path.Combine(aside, $"new_{i}"), Path.Combine(outputs, $"new_{i}"));
            await next;
            latencies.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }

        latencies.Sort();
        if (latencies.Count > 0)
            Console.WriteLine($"from rename to given: p50 {latencies[Drops / 2]:f2} ms, p99 {latencies[Drops * 99 / 100]:f2} ms");
    }

    // Scans one after the other, each followed by a rest as long as it took.
    private static async Task MeasureScansAsync(string outputs)
    {
        await using var watcher = OutputsWatcher.Start(
            outputs, TimeSpan.FromMilliseconds(1), TimeProvider.System, new ManifestFeed(TimeProvider.System), kindThatChangesUntold: _ => "nfs4");
        await UntilAsync(3); // compiled by now
        var (cpu, allocated, before) = (Cpu(), GC.GetTotalAllocatedBytes(), watcher.Figures.Scans);
        await UntilAsync(before + Scans);
        var scans = watcher.Figures.Scans - before;
        Console.WriteLine($"a scan: {(Cpu() - cpu) / scans:f1} ms of CPU, {(GC.GetTotalAllocatedBytes() - allocated) / scans / 1024} KiB allocated");

        async Task UntilAsync(long scans)
        {
            while (watcher.Figures.Scans < scans) await Task.Delay(1);
        }
    }

    private static async Task TakeAsync(ManifestFeed feed)
    {
        if (await feed.NextAsync(null, default) is { } manifest) feed.Done(manifest, null);
    }

    private static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;

    private static void Make(string below, string job)
    {
        var folder = Directory.CreateDirectory(Path.Combine(below, job)).FullName;
        File.WriteAllText(Path.Combine(folder, ManifestFinder.FileName), "{}");
    }
}
