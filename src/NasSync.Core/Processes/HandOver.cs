using System.Diagnostics.CodeAnalysis;

namespace NasSync.Processes;

/// <summary>
/// A blocking queue between threads. The framework's own queue spins before it blocks; with one thread per file in progress, the spinning takes more
/// CPU time than the files do.
/// </summary>
/// <param name="most">The capacity; adding to a full queue blocks.</param>
internal sealed class HandOver<T>(int most = int.MaxValue)
{
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();
    private int _takers;
    private int _adders;
    private bool _isComplete;

    /// <summary>Adds an item.</summary>
    /// <exception cref="InvalidOperationException">The queue was completed.</exception>
    public void Add(T item)
    {
        if (!TryAdd(item)) throw new InvalidOperationException("nothing is taken any more");
    }

    /// <summary>Adds an item; blocks while the queue is full.</summary>
    /// <returns>False when the queue was completed.</returns>
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

    /// <summary>Takes the next item; blocks until there is one.</summary>
    /// <returns>False when the queue was completed and is empty.</returns>
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

    /// <summary>Takes the next item if there is one, without blocking.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            if (!_items.TryDequeue(out item)) return false;
            Wake(_adders);
            return true;
        }
    }

    /// <summary>Completes the queue: items in it can still be taken, no more can be added.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Takers and adders wait on the same monitor. In the rare case that both wait, wake all, because a single pulse may reach the wrong kind.
    private void Wake(int waiting)
    {
        if (waiting == 0) return;
        if (_takers > 0 && _adders > 0) Monitor.PulseAll(_gate);
        else Monitor.Pulse(_gate);
    }
}
