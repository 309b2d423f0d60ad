using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace NasSync.Benchmarks;

/// <summary>
/// How long a job takes from its rename into a watched folder to the complete copy, one job at a time on an idle system, the same way for every
/// program:
/// <c>event-to-copy ASIDE WATCHED PLACE WARMUPS</c> renames each folder of ASIDE into WATCHED and looks every 0.2 ms whether its artifact is below
/// PLACE, with its size and its bytes. When standard input has the lines of <c>nassync watch --json</c>, the time of <c>committed</c> is taken too:
/// by then the copy is fsynced and recorded. The first WARMUPS jobs do not count.
/// </summary>
internal static partial class EventToCopy
{
    private const uint LookEveryMicroseconds = 200;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<string, long> _told = new();

    /// <summary>Measures, and prints what was seen and what was told: <c>seen|told JOBS LOST P50 P99 MAX</c>, in milliseconds.</summary>
    public static async Task RunAsync(string[] args)
    {
        var (aside, watched, place, warmups) = (args[0], args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
        var isTelling = new TaskCompletionSource();
        var reader = new Thread(() => Listen(isTelling)) { IsBackground = true };
        reader.Start();
        var (seen, told, random, jobs) = (new List<double>(), new List<double>(), new Random(1), Directory.GetDirectories(aside).Order().ToArray());
        for (var i = 0; i < jobs.Length; i++)
        {
            var (job, isCounted) = (Path.GetFileName(jobs[i]), i >= warmups);
            var artifact = Directory.GetFiles(jobs[i], "artifact-*").Single();
            var bytes = await File.ReadAllBytesAsync(artifact);
            var copy = new FileInfo(Path.Combine(place, job, Path.GetFileName(artifact)));
            var began = Stopwatch.GetTimestamp();
            Directory.Move(jobs[i], Path.Combine(watched, job));
            var took = WaitFor(began, () => IsThere(copy, bytes));
            if (took is { } ms && isCounted) seen.Add(ms);
            if (isTelling.Task.IsCompleted && WaitFor(began, () => _told.ContainsKey(job)) is not null && isCounted)
                told.Add(Stopwatch.GetElapsedTime(began, _told[job]).TotalMilliseconds);
            // Not in step with anybody's timer.
            await Task.Delay(random.Next(50, 150));
        }

        Print("seen", seen, jobs.Length - warmups);
        if (isTelling.Task.IsCompleted) Print("told", told, jobs.Length - warmups);
    }

    private static void Listen(TaskCompletionSource isTelling)
    {
        while (Console.In.ReadLine() is { } line)
        {
            var now = Stopwatch.GetTimestamp();
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("event").GetString() != "committed") continue;
            _told[json.RootElement.GetProperty("jobId").GetString()!] = now;
            isTelling.TrySetResult();
        }
    }

    // Milliseconds; null when it took too long.
    private static double? WaitFor(long began, Func<bool> isSo)
    {
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(began) > _longest) return null;
            _ = Rest(LookEveryMicroseconds);
        }

        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static bool IsThere(FileInfo copy, byte[] bytes)
    {
        copy.Refresh();
        if (!copy.Exists || copy.Length != bytes.Length) return false;
        try
        {
            return File.ReadAllBytes(copy.FullName).AsSpan().SequenceEqual(bytes);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Print(string what, List<double> times, int jobs)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {jobs} {jobs - times.Count} {At(0.5):f2} {At(0.99):f2} {At(1):f2}"));

        double At(double part) => times.Count == 0 ? double.NaN : times[Math.Min(times.Count - 1, (int)(times.Count * part))];
    }

    // The base library's shortest sleep is five times as long.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Rest(uint microseconds);
}
