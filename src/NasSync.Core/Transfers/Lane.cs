using NasSync.Destinations;

namespace NasSync.Transfers;

/// <summary>One destination in a run, with slots of its own: a slow or broken place fills only its own and holds nobody else back.</summary>
internal sealed class Lane(IDestination destination, bool isRemote, int slots) : IAsyncDisposable
{
    // So far may a destination fall behind before the planner waits for it; a few MB of plan items.
    private const int MostBacklog = 10_000;
    private readonly SemaphoreSlim _room = new(MostBacklog);
    private readonly Queue<PlanItem> _backlog = new();
    private int _free = slots;

    public IDestination Destination => destination;

    /// <summary>Whether each question costs a round trip.</summary>
    public bool IsRemote => isRemote;

    /// <summary>Takes a slot for an item, or puts it behind those that wait for one.</summary>
    /// <returns>True with a slot; false when <see cref="Leave"/> will hand the item out later.</returns>
    public async ValueTask<bool> EnterAsync(PlanItem item, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_backlog)
        {
            if (_free == 0)
            {
                _backlog.Enqueue(item);
                return false;
            }

            _free--;
        }

        _room.Release();
        return true;
    }

    /// <summary>Gives a slot back, or keeps it for the item whose turn it is.</summary>
    /// <returns>That item; null when none waits.</returns>
    public PlanItem? Leave()
    {
        lock (_backlog)
        {
            if (!_backlog.TryDequeue(out var next))
            {
                _free++;
                return null;
            }

            _room.Release();
            return next;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await destination.DisposeAsync().ConfigureAwait(false);
        _room.Dispose();
    }
}
