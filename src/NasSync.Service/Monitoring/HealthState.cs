using System.Collections.Concurrent;

namespace NasSync.Service.Monitoring;

/// <summary>What a watching process needs to be ready.</summary>
internal enum HealthPart
{
    /// <summary>The ledger is open, and its lock is held.</summary>
    Ledger,

    /// <summary>The outputs folder exists.</summary>
    Outputs,

    /// <summary>New jobs are noticed, by events or by scans.</summary>
    Watcher,
}

/// <summary>
/// Whether a watching process is alive and ready. The watcher sets it, the monitoring reads it; thread-safe. Initially nothing is ready.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class HealthState(TimeProvider time)
{
    private readonly ConcurrentDictionary<HealthPart, string> _missing = new(
        Enum.GetValues<HealthPart>().Select(part => KeyValuePair.Create(part, "it is not begun yet")));
    private long _lastBeat = time.GetTimestamp();

    /// <summary>A loop that is silent for longer counts as stuck. Default one minute.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time since the last turn of the loop.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _lastBeat));

    /// <summary>Whether the loop is running.</summary>
    public bool IsAlive => Silence < StuckAfter;

    /// <summary>The parts that are not ready, each with its reason as one clause; empty when all are ready.</summary>
    public IReadOnlyList<(HealthPart Part, string Reason)> Missing => [.. _missing.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];

    /// <summary>Notes a turn of the loop.</summary>
    public void Beat() => Volatile.Write(ref _lastBeat, time.GetTimestamp());

    /// <summary>Notes that a part is ready.</summary>
    public void Ready(HealthPart part) => _missing.TryRemove(part, out _);

    /// <summary>Notes that a part is not ready, or no longer.</summary>
    public void NotReady(HealthPart part, string reason) => _missing[part] = reason;
}
