using System.Collections.Concurrent;

namespace NasSync.Destinations.Pipeline;

/// <summary>
/// Detects calls to a place that do not return, such as calls to a hung mount: nothing can interrupt them, and each one blocks a thread. From then on
/// it refuses every other call at once, until one of the pending calls returns.
/// </summary>
internal sealed class HangWatch : IDisposable
{
    private readonly ConcurrentDictionary<long, (long Started, TimeSpan Limit, string Operation)> _calls = new();
    private readonly string _place;
    private readonly TimeProvider _time;
    private readonly TimeSpan _look;
    private readonly ITimer _timer;
    private volatile Failure? _hung;
    private long _last;

    /// <param name="place">The place, for people.</param>
    /// <param name="limit">The time limit of a call that moves at most one block.</param>
    /// <param name="time">The clock.</param>
    public HangWatch(string place, TimeSpan limit, TimeProvider time)
    {
        (_place, Limit, _time, _look) = (place, limit, time, limit / 8);
        _timer = time.CreateTimer(_ => Look(), null, _look, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time limit of a call that moves at most one block.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Raised once each time the place starts to hang, on a thread of the clock's timer.</summary>
    public event Action<Failure>? Hung;

    /// <summary>Why calls are refused; null while the place answers.</summary>
    public Failure? Failure => _hung;

    /// <summary>Runs a call and watches it.</summary>
    /// <exception cref="FailureException">The place already hangs (class Unavailable, code DestinationHangs).</exception>
    public async ValueTask<T> WatchAsync<T>(string operation, TimeSpan limit, Func<ValueTask<T>> call)
    {
        if (_hung is { } failure) throw new FailureException(failure);
        var id = Interlocked.Increment(ref _last);
        _calls[id] = (_time.GetTimestamp(), limit, operation);
        try
        {
            return await call().ConfigureAwait(false);
        }
        finally
        {
            _calls.TryRemove(id, out _);
            if (_hung is not null) _hung = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_hung is null)
        {
            foreach (var (started, limit, operation) in _calls.Values)
            {
                if (_time.GetElapsedTime(started) < limit) continue;
                _hung = new Failure(
                    FailureClass.Unavailable,
                    "DestinationHangs",
                    $"{_place} does not answer: a call to {operation} has not come back for {limit.TotalMinutes:0.#} min.",
                    "Look at the mount and the NAS behind it (a hard NFS mount waits for ever); the next run tries again.");
                Hung?.Invoke(_hung);
                break;
            }
        }

        _timer.Change(_look, Timeout.InfiniteTimeSpan);
    }
}
