using System.Diagnostics.CodeAnalysis;

namespace NasSync.Watching;

/// <summary>
/// Jobs whose manifests wait to be taken, first come, first served, each once however often it is added; and those that come back after a while.
/// Any thread may use it. Jobs are known by their names: a path for each of ten thousand would cost ten times as much.
/// </summary>
internal sealed class ManifestQueue(TimeProvider time)
{
    private readonly object _gate = new();
    private readonly LinkedList<string> _waiting = [];
    private readonly Dictionary<string, LinkedListNode<string>> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _later = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, long> _laterByTime = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isHeld;
    private bool _hasEnded;
    private Exception? _error;

    /// <summary>How many wait to be taken.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>How many come back later.</summary>
    public int Later
    {
        get
        {
            lock (_gate) return _later.Count;
        }
    }

    /// <summary>How long until one comes back; zero or less when it is due, null when none does.</summary>
    public TimeSpan? UntilNext
    {
        get
        {
            lock (_gate) return _laterByTime.TryPeek(out _, out var due) ? time.GetElapsedTime(time.GetTimestamp(), due) : null;
        }
    }

    /// <summary>Puts a job at the end, unless it waits already; it does not come back later besides.</summary>
    public void Add(string job)
    {
        lock (_gate)
        {
            _later.Remove(job);
            Append(job);
        }
    }

    /// <summary>Puts a job at the end after a while, unless it waits already; of two times the earlier counts.</summary>
    public void AddLater(string job, TimeSpan after)
    {
        lock (_gate)
        {
            if (_places.ContainsKey(job)) return;
            var due = time.GetTimestamp() + (long)(after.TotalSeconds * time.TimestampFrequency);
            if (_later.TryGetValue(job, out var known) && known <= due) return;
            _later[job] = due;
            _laterByTime.Enqueue(job, due);
        }
    }

    /// <summary>Puts those at the end whose time has come.</summary>
    /// <param name="isThere">Tells whether a job is still known; one that is gone does not come back.</param>
    public void Release(Func<string, bool> isThere)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            while (_laterByTime.TryPeek(out var job, out var due) && due <= now)
            {
                _laterByTime.Dequeue();
                if (!_later.TryGetValue(job, out var known) || known != due) continue; // it was added meanwhile, or is due at another time
                _later.Remove(job);
                if (isThere(job)) Append(job);
            }
        }
    }

    /// <summary>A job that is gone does not wait any more.</summary>
    public void Forget(string job)
    {
        lock (_gate)
        {
            _later.Remove(job);
            if (_places.Remove(job, out var place)) _waiting.Remove(place);
        }
    }

    /// <summary>While it is held, nothing can be taken.</summary>
    public void Hold(bool isHeld)
    {
        lock (_gate)
        {
            _isHeld = isHeld;
            if (!isHeld && _waiting.Count > 0) Tell();
        }
    }

    /// <summary>Ends it: nothing can be taken any more.</summary>
    /// <param name="error">What whoever takes gets; null when it ended as it was meant to.</param>
    public void End(Exception? error = null)
    {
        lock (_gate)
        {
            _hasEnded = true;
            _error ??= error;
            Tell();
        }
    }

    /// <summary>Takes the first, if one can be taken now.</summary>
    public bool TryTake([NotNullWhen(true)] out string? job)
    {
        lock (_gate)
        {
            job = _isHeld || _hasEnded ? null : _waiting.First?.Value;
            if (job is null) return false;
            _waiting.RemoveFirst();
            _places.Remove(job);
            return true;
        }
    }

    /// <summary>Takes the first, as soon as there is one; null at the end.</summary>
    public async ValueTask<string?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_gate)
            {
                if (TryTake(out var job)) return job;
                if (_error is not null) throw new InvalidOperationException("The outputs folder is not watched any more.", _error);
                if (_hasEnded) return null;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Append(string job)
    {
        if (_places.ContainsKey(job)) return;
        _places.Add(job, _waiting.AddLast(job));
        if (!_isHeld) Tell();
    }

    private void Tell()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
