using System.Threading.Channels;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>The copies of one place that wait to be looked at; as many at a time as the place may have copies on their way.</summary>
internal sealed class VerifyQueue : IAsyncDisposable
{
    // So far may a place fall behind before the others wait for it; some MB of rows.
    private const int MostBacklog = 10_000;
    private readonly Channel<RecordedCopy> _copies = Channel.CreateBounded<RecordedCopy>(
        new BoundedChannelOptions(MostBacklog) { SingleWriter = true });
    private readonly SemaphoreSlim _large;
    private readonly Task _workers;

    /// <param name="lane">The place; null: nothing can be asked, and each copy is told so.</param>
    /// <param name="verify">Looks at one copy and tells of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public VerifyQueue(Lane? lane, Func<RecordedCopy, CancellationToken, Task> verify, CancellationToken cancellationToken)
    {
        var slots = lane?.Slots ?? 1;
        _large = new SemaphoreSlim(slots);
        // Small files of a remote place spend their time waiting for answers, as when they are sent.
        var workers = lane is { IsRemote: true } ? slots * Lane.SmallPerSlot : slots;
        _workers = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(
            () => WorkAsync(verify, cancellationToken),
            CancellationToken.None)));
    }

    /// <summary>Puts a copy behind the others; waits when there are too many.</summary>
    public ValueTask AddAsync(RecordedCopy copy, CancellationToken cancellationToken) => _copies.Writer.WriteAsync(copy, cancellationToken);

    /// <summary>No more will come; done when all were looked at, or after a stop.</summary>
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
            // Asked to stop; what was not looked at has no finding.
        }
    }
}
