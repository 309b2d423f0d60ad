using System.Collections.Concurrent;
using NasSync.Config;

namespace NasSync.PowerShell.Watchers;

/// <summary>The watchers of this process, by number. They outlive the command that started them, and end with the module or the process.</summary>
internal static class WatcherTable
{
    private static readonly ConcurrentDictionary<int, WatcherRun> Runs = new();
    private static int _last;

    /// <summary>All watchers, the oldest first; an ended one stays until it is removed.</summary>
    public static IReadOnlyList<WatcherRun> All => [.. Runs.OrderBy(run => run.Key).Select(run => run.Value)];

    /// <summary>The watcher with a number; null when there is none.</summary>
    public static WatcherRun? Find(int id) => Runs.GetValueOrDefault(id);

    /// <summary>Starts a watcher.</summary>
    public static WatcherRun Start(SyncConfig config, TimeSpan waitForLock)
    {
        var id = Interlocked.Increment(ref _last);
        return Runs[id] = new WatcherRun(id, config, waitForLock);
    }

    /// <summary>Removes an ended watcher.</summary>
    public static void Remove(WatcherRun run)
    {
        if (Runs.TryRemove(run.Watcher.Id, out _)) run.Dispose();
    }

    /// <summary>Stops all watchers and waits until they have ended.</summary>
    public static void StopAll()
    {
        foreach (var run in All) run.Stop();
        Task.WhenAll(All.Select(run => run.Ended)).GetAwaiter().GetResult();
        foreach (var run in All) Remove(run);
    }
}
