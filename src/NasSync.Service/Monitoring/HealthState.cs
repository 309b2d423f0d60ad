using System.Collections.Concurrent;

namespace NasSync.Service.Monitoring;

/// <summary>What a watching process needs to do its work.</summary>
internal enum HealthPart
{
    /// <summary>The ledger is open, and its lock is held.</summary>
    Ledger,

    /// <summary>The outputs folder is there.</summary>
    Outputs,

    /// <summary>New jobs are noticed, by events or by looking.</summary>
    Watcher,
}

/// <summary>
/// Whether a watching process is alive and ready. Whoever watches sets it, whoever is asked reads it; from any thread. At first nothing is ready.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class HealthState(TimeProvider time)
{
    private readonly ConcurrentDictionary<HealthPart, string> _missing = new(
        Enum.GetValues<HealthPart>().Select(part => KeyValuePair.Create(part, "it is not begun yet")));
    private long _lastBeat = time.GetTimestamp();

    /// <summary>A loop that gave no sign for so long counts as stuck. Default a minute.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long ago the loop gave its last sign.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _lastBeat));

    /// <summary>Whether the loop goes round.</summary>
    public bool IsAlive => Silence < StuckAfter;

    /// <summary>What is missing, with the reason as one clause; empty: all is ready.</summary>
    public IReadOnlyList<(HealthPart Part, string Reason)> Missing => [.. _missing.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];

    /// <summary>The loop went round once more.</summary>
    public void Beat() => Volatile.Write(ref _lastBeat, time.GetTimestamp());

    /// <summary>A part is ready.</summary>
    public void Ready(HealthPart part) => _missing.TryRemove(part, out _);

    /// <summary>A part is not ready, or not any more.</summary>
    public void NotReady(HealthPart part, string reason) => _missing[part] = reason;
}
