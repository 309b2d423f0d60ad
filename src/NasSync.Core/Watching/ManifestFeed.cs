using System.Threading.Channels;

namespace NasSync.Watching;

/// <summary>
/// The queue of manifests to plan: a watcher adds them, and a continuous run takes them, first in, first out. Each manifest is queued once; one that
/// is offered while it is being processed is queued again afterwards. Safe to call from any thread; a single task takes.
/// </summary>
internal sealed class ManifestFeed(TimeProvider time)
{
    private readonly object _gate = new();
    private readonly LinkedList<string> _ready = [];
    private readonly Dictionary<string, LinkedListNode<string>> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _later = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, TimeSpan> _laterByTime = new();
    private readonly long _origin = time.GetTimestamp();

    // Manifests being processed; true when one was offered again meanwhile.
    private readonly Dictionary<string, bool> _inHand = new(StringComparer.Ordinal);

    // One pending signal suffices, however much has changed.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
    });
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnded;
    private bool _hasAll, _hasForgotten;

    /// <summary>Completes when the run requests its first manifest: it then holds the work folder and has opened the ledger.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Whether the feed has ended: the run finishes what it has and takes no more.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Whether nothing is queued and all manifests of the first scan were handed out.</summary>
    public bool IsCaughtUp
    {
        get
        {
            lock (_gate) return _hasAll && _ready.Count == 0;
        }
    }

    /// <summary>Called whenever the run requests a manifest.</summary>
    public Action? Turned { get; set; }

    /// <summary>The number of manifests that are queued or being processed.</summary>
    public int Depth
    {
        get
        {
            lock (_gate) return _ready.Count + _inHand.Count;
        }
    }

    /// <summary>Queues a manifest that is new or may have changed.</summary>
    public void Offer(string manifestPath)
    {
        lock (_gate) Enqueue(manifestPath);
        Wake();
    }

    /// <summary>Drops a manifest that is gone, including its scheduled retry.</summary>
    public void Forget(string manifestPath)
    {
        lock (_gate)
        {
            _hasForgotten = true;
            _later.Remove(manifestPath);
            if (_places.Remove(manifestPath, out var place)) _ready.Remove(place);
            if (_inHand.ContainsKey(manifestPath)) _inHand[manifestPath] = false;
        }
    }

    /// <summary>Whether any manifest was dropped since the last call.</summary>
    public bool TakeForgotten()
    {
        lock (_gate)
        {
            var hadForgotten = _hasForgotten;
            _hasForgotten = false;
            return hadForgotten;
        }
    }

    /// <summary>Notes that the first scan has offered everything.</summary>
    public void HasAll()
    {
        lock (_gate) _hasAll = true;
        Wake();
    }

    /// <summary>Ends the feed; queued manifests are left to the next run.</summary>
    public void End()
    {
        _isEnded = true;
        Wake();
    }

    /// <summary>Waits for the next manifest.</summary>
    /// <param name="atMost">The maximum wait; null waits without limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Its full path; null when none came in time, or the feed has ended.</returns>
    public async ValueTask<string?> NextAsync(TimeSpan? atMost, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        Turned?.Invoke();
        var began = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan? wait;
            lock (_gate)
            {
                if (IsEnded) return null;
                if (TryTake() is { } next) return next;
                wait = atMost - time.GetElapsedTime(began);
                if (_laterByTime.TryPeek(out _, out var soonest) && (wait is not { } other || soonest - Now < other)) wait = soonest - Now;
            }

            if (atMost is { } most && time.GetElapsedTime(began) >= most) return null;
            if (wait is not { } left || left > TimeSpan.Zero) await ChangeAsync(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that a manifest was processed completely; it may be handed out again.</summary>
    /// <param name="manifestPath">The path that was handed out.</param>
    /// <param name="again">The delay after which to hand it out again even if it does not change; null waits for a change.</param>
    public void Done(string manifestPath, TimeSpan? again)
    {
        lock (_gate)
        {
            if (_inHand.Remove(manifestPath, out var isOfferedAgain) && isOfferedAgain) Enqueue(manifestPath);
            else if (again is { } delay) _laterByTime.Enqueue(manifestPath, _later[manifestPath] = Now + delay);
        }

        Wake();
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    private string? TryTake()
    {
        while (_laterByTime.TryPeek(out var due, out var at) && at <= Now)
        {
            _laterByTime.Dequeue();
            if (_later.TryGetValue(due, out var known) && known == at) Enqueue(due); // otherwise it was offered or dropped meanwhile
        }

        if (_ready.First?.Value is not { } next) return null;
        _ready.RemoveFirst();
        _places.Remove(next);
        _inHand[next] = false;
        return next;
    }

    // Cancels a scheduled retry: the manifest is queued now instead.
    private void Enqueue(string manifestPath)
    {
        _later.Remove(manifestPath);
        if (_inHand.ContainsKey(manifestPath)) _inHand[manifestPath] = true;
        else if (!_places.ContainsKey(manifestPath)) _places.Add(manifestPath, _ready.AddLast(manifestPath));
    }

    private void Wake() => _changed.Writer.TryWrite(true);

    private async Task ChangeAsync(TimeSpan? atMost, CancellationToken cancellationToken)
    {
        using var timeout = atMost is { } most ? new CancellationTokenSource(most, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _changed.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Timed out.
        }
    }
}
