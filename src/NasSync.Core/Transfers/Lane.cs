using System.Collections.Concurrent;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;

namespace NasSync.Transfers;

/// <summary>
/// One destination in a run, with slots of its own: a slow or broken place fills only its own and holds nobody else back. A small file spends its
/// time waiting, at a remote place for answers, in a folder for flushes, which a file system makes for many at once when many wait: so several of
/// them take the slot of one large file.
/// </summary>
internal sealed class Lane : IAsyncDisposable
{
    // So far may a destination fall behind before the planner waits for it; a few MB of plan items.
    private const int MostBacklog = 10_000;

    // What fits into one block costs round trips and hardly any memory or bandwidth.
    public const int SmallPerSlot = 8;

    // Of a folder's small files: each holds a thread.
    private const int LocalShare = 2;
    private readonly SemaphoreSlim _room = new(MostBacklog);
    private readonly FairBacklog _backlog = new();
    private readonly ConcurrentDictionary<CopyInProgress, bool> _copies = new();
    private readonly HangWatch _watch;
    private int _free;

    /// <param name="destination">The place.</param>
    /// <param name="watch">Tells when the place hangs.</param>
    /// <param name="isRemote">Whether each question costs a round trip.</param>
    /// <param name="slots">How many large files may be under way.</param>
    public Lane(IDestination destination, HangWatch watch, bool isRemote, int slots)
    {
        (Destination, IsRemote, Slots, _watch, _free) = (destination, isRemote, slots, watch, slots * SmallPerSlot);
        watch.Hung += GiveUp;
    }

    public IDestination Destination { get; }

    /// <summary>Whether each question costs a round trip.</summary>
    public bool IsRemote { get; }

    /// <summary>How many large files may be under way.</summary>
    public int Slots { get; }

    /// <summary>The place's limits on bandwidth, for bytes that do not pass through it as blocks.</summary>
    public BandwidthLimits Limits { get; init; } = new();

    /// <summary>Says whether its root would be made; null where there is none to make, as in a bucket.</summary>
    public IMakesRoot? Root { get; init; }

    /// <summary>A question may block its thread for ever: the folder is another machine's.</summary>
    public bool MayHang { get; init; }

    /// <summary>Says why no copy could be made at a path, without making one; null where only the try tells.</summary>
    public Func<RelativePath, Failure?>? WhyNotWritable { get; init; }

    /// <summary>A call was made that has not come back for a long time.</summary>
    public bool Hangs => _watch.Failure is not null;

    /// <summary>Asks the place something, for someone who must have the answer before he goes on; a place that hangs is given up.</summary>
    /// <exception cref="FailureException">The place hangs, or the question failed.</exception>
    public T Ask<T>(Func<IDestination, Task<T>> question, WorkerThreads threads)
    {
        if (!MayHang && !IsRemote) return question(Destination).GetAwaiter().GetResult();
        return AskAsync(question, threads).GetAwaiter().GetResult();
    }

    /// <summary>Asks the place something; what blocks its thread gets one of its own, and a place that hangs is given up.</summary>
    /// <exception cref="FailureException">The place hangs, or the question failed.</exception>
    public async Task<T> AskAsync<T>(Func<IDestination, Task<T>> question, WorkerThreads threads)
    {
        var hung = new TaskCompletionSource<Failure>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(Failure failure) => hung.TrySetResult(failure);
        _watch.Hung += Hear;
        try
        {
            var answer = IsRemote ? question(Destination) : threads.RunAsync(() => question(Destination));
            await Task.WhenAny(answer, hung.Task).ConfigureAwait(false);
            return answer.IsCompleted ? await answer.ConfigureAwait(false) : throw new FailureException(await hung.Task.ConfigureAwait(false));
        }
        finally
        {
            _watch.Hung -= Hear;
        }
    }

    /// <summary>A copy is under way; it is given up when the place hangs.</summary>
    public void Add(CopyInProgress copy)
    {
        _copies[copy] = true;

        // It may have begun to hang just before.
        if (_watch.Failure is { } failure) copy.GiveUp(failure);
    }

    /// <summary>A copy has its outcome.</summary>
    public void Remove(CopyInProgress copy) => _copies.TryRemove(copy, out _);

    /// <summary>Takes a slot for an item, or puts it behind those that wait for one.</summary>
    /// <returns>True with a slot; false when <see cref="Leave"/> will hand the item out later.</returns>
    public async ValueTask<bool> EnterAsync(PlanItem item, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_backlog)
        {
            if (_backlog.Count > 0 || _free < ShareOf(item))
            {
                _backlog.Enqueue(item);
                return false;
            }

            _free -= ShareOf(item);
        }

        _room.Release();
        return true;
    }

    /// <summary>Gives an item's slot back.</summary>
    /// <returns>The items whose turn it is now; they have their slots.</returns>
    public IReadOnlyList<PlanItem> Leave(PlanItem item)
    {
        lock (_backlog)
        {
            _free += ShareOf(item);
            List<PlanItem> next = [];
            while (_backlog.Peek() is { } first && ShareOf(first) <= _free)
            {
                _free -= ShareOf(first);
                _room.Release();
                next.Add(_backlog.Dequeue());
            }

            return next;
        }
    }

    private int ShareOf(PlanItem item) => item.Source is not { Size: <= SourceFeed.BlockBytes } ? SmallPerSlot : IsRemote ? 1 : LocalShare;

    private void GiveUp(Failure failure)
    {
        foreach (var copy in _copies.Keys) copy.GiveUp(failure);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await Destination.DisposeAsync().ConfigureAwait(false);
        _room.Dispose();
    }
}
