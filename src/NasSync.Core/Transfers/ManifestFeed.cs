using System.Threading.Channels;

namespace NasSync.Transfers;

/// <summary>
/// The manifests that wait to be planned, first come, first served. Each waits once; one that is offered while it is in hand waits for its end. Safe to
/// call from every thread; one task takes.
/// </summary>
internal sealed class ManifestFeed(TimeProvider time) : IManifestFeed
{
    private readonly object _gate = new();
    private readonly Queue<string> _ready = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, TimeSpan> _later = new();
    private readonly long _origin = time.GetTimestamp();

    // In hand; true: offered again meanwhile.
    private readonly Dictionary<string, bool> _inHand = new(StringComparer.Ordinal);

    // One signal is enough, however much has changed.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasAll;

    /// <summary>Done when the run asks for its first manifest: it holds the work folder and has opened the ledger.</summary>
    public Task Asked => _asked.Task;

    /// <inheritdoc/>
    public bool IsEnded { get; private set; }

    /// <inheritdoc/>
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

    /// <summary>What was there at the start has been offered.</summary>
    public void HasAll()
    {
        lock (_gate) _hasAll = true;
        Wake();
    }

    /// <summary>No more will come; what waits is left to the next run.</summary>
    public void End()
    {
        IsEnded = true;
        Wake();
    }

    /// <inheritdoc/>
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
                var now = Now;
                while (_later.TryPeek(out var due, out var at) && at <= now)
                {
                    _later.Dequeue();
                    Enqueue(due);
                }

                if (_ready.TryDequeue(out var next))
                {
                    _waiting.Remove(next);
                    _inHand[next] = false;
                    return next;
                }

                wait = atMost - time.GetElapsedTime(began);
                if (_later.TryPeek(out _, out var soonest) && (wait is not { } other || soonest - now < other)) wait = soonest - now;
            }

            if (atMost is { } most && time.GetElapsedTime(began) >= most) return null;
            await ChangeAsync(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Done(string manifestPath, TimeSpan? again)
    {
        lock (_gate)
        {
            if (_inHand.Remove(manifestPath, out var isOfferedAgain) && isOfferedAgain) Enqueue(manifestPath);
            else if (again is { } delay) _later.Enqueue(manifestPath, Now + delay);
        }

        Wake();
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    private void Enqueue(string manifestPath)
    {
        if (_inHand.ContainsKey(manifestPath)) _inHand[manifestPath] = true;
        else if (_waiting.Add(manifestPath)) _ready.Enqueue(manifestPath);
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
