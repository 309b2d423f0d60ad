using System.Threading.Channels;

namespace NasSync.Watching;

/// <summary>
/// The manifests that wait to be planned: a watcher puts them in, a run that goes on until it is stopped takes them. First come, first served. Each
/// waits once; one that is offered while it is in hand waits for its end. Safe to call from every thread; one task takes.
/// </summary>
internal sealed class ManifestFeed(TimeProvider time)
{
    private readonly object _gate = new();
    private readonly LinkedList<string> _ready = [];
    private readonly Dictionary<string, LinkedListNode<string>> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _later = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, TimeSpan> _laterByTime = new();
    private readonly long _origin = time.GetTimestamp();

    // In hand; true: offered again meanwhile.
    private readonly Dictionary<string, bool> _inHand = new(StringComparer.Ordinal);

    // One signal is enough, however much has changed.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
    });
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnded;
    private bool _hasAll, _hasForgotten;

    /// <summary>Done when the run asks for its first manifest: it holds the work folder and has opened the ledger.</summary>
    public Task Asked => _asked.Task;

    /// <summary>No more will come: the run ends when what it has is done.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Nothing waits, and everything that was there at the start was handed out.</summary>
    public bool IsCaughtUp
    {
        get
        {
            lock (_gate) return _hasAll && _ready.Count == 0;
        }
    }

    /// <summary>Told whenever the run asks for a manifest.</summary>
    public Action? Turned { get; set; }

    /// <summary>Manifests that wait or are in hand.</summary>
    public int Depth
    {
        get
        {
            lock (_gate) return _ready.Count + _inHand.Count;
        }
    }

    /// <summary>A manifest is there, or may have changed.</summary>
    public void Offer(string manifestPath)
    {
        lock (_gate) Enqueue(manifestPath);
        Wake();
    }

    /// <summary>A manifest is gone: it does not wait any more, nor come again by itself.</summary>
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

    /// <summary>Whether a manifest was seen to be gone since this was asked last.</summary>
    public bool TakeForgotten()
    {
        lock (_gate)
        {
            var hadForgotten = _hasForgotten;
            _hasForgotten = false;
            return hadForgotten;
        }
    }

    /// <summary>What was there at the start has been offered.</summary>
    public void HasAll()
    {
        lock (_gate) _hasAll = true;
        Wake();
    }

    /// <summary>No more will come; what waits is left to the next run.</summary>
    public void End()
    {
        _isEnded = true;
        Wake();
    }

    /// <summary>Waits for the next manifest.</summary>
    /// <param name="atMost">How long; null: until there is one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its full path; null when none came in time, or none will come any more.</returns>
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

    /// <summary>All of a manifest that was handed out has its outcome; it may be handed out again.</summary>
    /// <param name="manifestPath">As it was handed out.</param>
    /// <param name="again">In what time it is to be handed out although nothing changed; null: only when it changes.</param>
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
            if (_later.TryGetValue(due, out var known) && known == at) Enqueue(due); // else it was offered meanwhile, or is gone
        }

        if (_ready.First?.Value is not { } next) return null;
        _ready.RemoveFirst();
        _places.Remove(next);
        _inHand[next] = false;
        return next;
    }

    // Sooner than it would have come by itself, and not once more then.
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
            // The time is up.
        }
    }
}
