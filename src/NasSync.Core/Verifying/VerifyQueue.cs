using System.Threading.Channels;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>The copies of one place that wait to be checked; as many are checked at a time as a sync would copy to the place.</summary>
internal sealed class VerifyQueue : IAsyncDisposable
{
    // The number of copies that may wait for a place before the reading of rows waits; a few MB of memory.
    private const int MostBacklog = 10_000;
    private readonly Channel<RecordedCopy> _copies = Channel.CreateBounded<RecordedCopy>(
        new BoundedChannelOptions(MostBacklog) { SingleWriter = true });
    private readonly SemaphoreSlim _large;
    private readonly Task _workers;

    /// <param name="lane">The place; null when it cannot be opened, so that each copy gets a failure.</param>
    /// <param name="verify">Checks one copy and reports the finding.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public VerifyQueue(Lane? lane, Func<RecordedCopy, CancellationToken, Task> verify, CancellationToken cancellationToken)
    {
        var slots = lane?.Slots ?? 1;
        _large = new SemaphoreSlim(slots);
        // At a remote place, checks mostly wait for answers, as small files do when they are copied, so more of them run at a time.
        var workers = lane is { IsRemote: true } ? slots * Lane.SmallPerSlot : slots;
        _workers = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(
            () => WorkAsync(verify, cancellationToken),
            CancellationToken.None)));
    }

    /// <summary>Adds a copy to the queue; waits while the queue is full.</summary>
    public ValueTask AddAsync(RecordedCopy copy, CancellationToken cancellationToken) => _copies.Writer.WriteAsync(copy, cancellationToken);

    /// <summary>Closes the queue; completes when all copies are checked, or after a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        _copies.Writer.TryComplete();
        await _workers.ConfigureAwait(false);
        _large.Dispose();
    }

    private async Task WorkAsync(Func<RecordedCopy, CancellationToken, Task> verify, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var copy in _copies.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                var isLarge = copy.Receipt.Size > SourceFeed.BlockBytes;
                if (isLarge) await _large.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    await verify(copy, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    if (isLarge) _large.Release();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stop requested; copies that were not checked have no finding.
        }
    }
}
