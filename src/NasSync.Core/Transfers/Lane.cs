using System.Collections.Concurrent;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;

namespace NasSync.Transfers;

/// <summary>
/// One destination in a run, with its own slots: a slow or broken place fills only its own slots and delays no other place. Several small files
/// share the slot of one large file, because a small file mostly waits: at a remote place for answers, in a folder for flushes, which a file system
/// combines when several wait.
/// </summary>
internal sealed class Lane : IAsyncDisposable
{
    // The number of items that may wait for a destination before the planner waits; a few MB of memory.
    private const int MostBacklog = 10_000;

    // The shares of a slot. A small file at a remote place takes one share: it costs round trips, but hardly any memory or bandwidth.
    public const int SmallPerSlot = 8;

    // A small file in a local folder takes more shares, because it occupies a thread.
    private const int LocalShare = 2;
    private readonly SemaphoreSlim _room = new(MostBacklog);
    private readonly FairBacklog _backlog = new();
    private readonly ConcurrentDictionary<CopyInProgress, bool> _copies = new();
    private readonly HangWatch _watch;
    private int _free;

    /// <param name="destination">The place.</param>
    /// <param name="watch">Detects when the place hangs.</param>
    /// <param name="isRemote">Whether each question costs a round trip.</param>
    /// <param name="slots">The number of large files that may be copied at a time.</param>
    public Lane(IDestination destination, HangWatch watch, bool isRemote, int slots)
    {
        (Destination, IsRemote, Slots, _watch, _free) = (destination, isRemote, slots, watch, slots * SmallPerSlot);
        watch.Hung += GiveUp;
    }

    public IDestination Destination { get; }

    /// <summary>Whether each question costs a round trip.</summary>
    public bool IsRemote { get; }

    /// <summary>The number of large files that may be copied at a time.</summary>
    public int Slots { get; }

    /// <summary>The place's bandwidth limits, for bytes that are not written as blocks.</summary>
    public BandwidthLimits Limits { get; init; } = new();

    /// <summary>Tells whether a run would create its root; null for a place without a root folder, such as a bucket.</summary>
    public IMakesRoot? Root { get; init; }

    /// <summary>Whether a call may block its thread forever, because the folder is on a network file system.</summary>
    public bool MayHang { get; init; }

    /// <summary>Tells why a path cannot be written, without writing; null for a place where only the attempt tells.</summary>
    public Func<RelativePath, Failure?>? WhyNotWritable { get; init; }

    /// <summary>Whether a call has not returned for a long time.</summary>
    public bool Hangs => _watch.Failure is not null;

    /// <summary>Calls the place and waits for the answer; gives up when the place hangs.</summary>
    /// <exception cref="FailureException">The place hangs, or the question failed.</exception>
    public T Ask<T>(Func<IDestination, Task<T>> question, WorkerThreads threads)
    {
        if (!MayHang && !IsRemote) return question(Destination).GetAwaiter().GetResult();
        return AskAsync(question, threads).GetAwaiter().GetResult();
    }

    /// <summary>Calls the place, on a separate thread if the call may block; gives up when the place hangs.</summary>
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

    /// <summary>Adds a copy in progress, which fails when the place hangs.</summary>
    public void Add(CopyInProgress copy)
    {
        _copies[copy] = true;

        // The place may have started to hang just before the copy was added.
        if (_watch.Failure is { } failure) copy.GiveUp(failure);
    }

    /// <summary>Removes a copy that has its outcome.</summary>
    public void Remove(CopyInProgress copy) => _copies.TryRemove(copy, out _);

    /// <summary>Takes a slot for an item, or adds it to the backlog.</summary>
    /// <returns>True if the item has a slot; false if <see cref="Leave"/> will return the item later.</returns>
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

    /// <summary>Frees an item's slot.</summary>
    /// <returns>The items that have a slot now.</returns>
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
