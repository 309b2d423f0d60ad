using System.Diagnostics.CodeAnalysis;

namespace NasSync.Processes;

/// <summary>
/// Hands things from any thread to threads that sleep until there is one. The framework's own queue spins before it sleeps: with a thread for each
/// file under way that takes more time from the cores than the files do.
/// </summary>
/// <param name="most">How many may wait to be taken; who adds more waits too.</param>
internal sealed class HandOver<T>(int most = int.MaxValue)
{
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();
    private int _takers;
    private int _adders;
    private bool _isComplete;

    /// <summary>Adds one.</summary>
    /// <exception cref="InvalidOperationException">Nothing is taken any more.</exception>
    public void Add(T item)
    {
        if (!TryAdd(item)) throw new InvalidOperationException("nothing is taken any more");
    }

    /// <summary>Adds one, while something is taken.</summary>
    /// <returns>False when nothing is taken any more.</returns>
    public bool TryAdd(T item)
    {
        lock (_gate)
        {
            while (_items.Count >= most && !_isComplete)
            {
                _adders++;
                Monitor.Wait(_gate);
                _adders--;
            }

            if (_isComplete) return false;
            _items.Enqueue(item);
            Wake(_takers);
            return true;
        }
    }

    /// <summary>The next one, which is waited for.</summary>
    /// <returns>False when it was completed and nothing is left.</returns>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_isComplete)
            {
                _takers++;
                Monitor.Wait(_gate);
                _takers--;
            }

            return TryTake(out item);
        }
    }

    /// <summary>The next one, when it is there.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            if (!_items.TryDequeue(out item)) return false;
            Wake(_adders);
            return true;
        }
    }

    /// <summary>Nothing more comes: what is there is still taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Takers and adders sleep at one gate, though hardly ever at the same time: then all are woken, since a single one may be of the wrong kind.
    private void Wake(int waiting)
    {
        if (waiting == 0) return;
        if (_takers > 0 && _adders > 0) Monitor.PulseAll(_gate);
        else Monitor.Pulse(_gate);
    }
}
