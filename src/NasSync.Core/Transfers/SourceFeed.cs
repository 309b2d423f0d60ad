using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Transfers;

/// <summary>
/// Reads a source once, block by block, into few shared buffers, and hands each block to the hasher and to every copy. Copies run at their own
/// pace within the buffers. When all buffers wait for a slow copy while another one is idle, the slow one is let go: it reads the rest of the
/// source by itself, and the others go on.
/// </summary>
internal sealed class SourceFeed(
    SafeFileHandle source, long size, IReadOnlyList<CopyInProgress> copies, BlockHasher hasher, ProgressClock progress) : IDisposable
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 512 * 1024;

    private const int MostBlocks = 8;
    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly SemaphoreSlim _changed = new(0);
    private int _made;

    /// <summary>The cheap way for a source of one block: no queues, no other thread.</summary>
    public static async Task OneBlockAsync(
        SafeFileHandle source, int size, IReadOnlyList<CopyInProgress> copies, BlockHasher hasher, CancellationToken cancellationToken)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        try
        {
            var block = buffer.AsMemory(0, Fill(source, buffer.AsSpan(0, size), 0));
            hasher.AppendHere(block.Span);
            if (block.Length > 0) await Task.WhenAll(copies.Select(copy => copy.WriteAsync(0, block, cancellationToken))).ConfigureAwait(false);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Feeds all copies to the end of the source; a copy that fails keeps its own failure. The hasher must be finished before disposal.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var feeds = copies.Select(copy => new Feed(copy)).ToList();
        var pumps = feeds.Select(feed => Dedicated(() => PumpAsync(feed, cancellationToken))).ToList();
        try
        {
            for (var offset = 0L; offset < size && copies.Any(copy => copy.IsOpen);)
            {
                var buffer = await TakeBufferAsync(feeds, cancellationToken).ConfigureAwait(false);
                var read = Fill(source, buffer, offset);
                if (read == 0) break;
                Share(buffer, read, offset, feeds);
                offset += read;
            }
        }
        finally
        {
            foreach (var feed in feeds) feed.Queue.Writer.TryComplete();
            await Task.WhenAll(pumps).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();

    private void Share(byte[] buffer, int read, long offset, List<Feed> feeds)
    {
        var takers = feeds.Where(feed => feed.ReadsOnFrom is null && feed.Copy.IsOpen).ToList();
        var block = new Block(buffer, read, offset, takers.Count + 1);
        hasher.Append(buffer.AsMemory(0, read), () => Release(block));
        foreach (var feed in takers)
        {
            Interlocked.Increment(ref feed.Waiting);
            feed.Queue.Writer.TryWrite(block);
        }
    }

    private async ValueTask<byte[]> TakeBufferAsync(List<Feed> feeds, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_free.TryTake(out var buffer)) return buffer;
            if (_made < MostBlocks)
            {
                _made++;
                return GC.AllocateUninitializedArray<byte>(BlockBytes);
            }

            LetGoOfSlow(feeds);
            if (_free.TryTake(out buffer)) return buffer;
            await _changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void LetGoOfSlow(List<Feed> feeds)
    {
        var attached = feeds.Where(feed => feed.ReadsOnFrom is null && feed.Copy.IsOpen).ToList();
        if (!attached.Any(feed => feed.Waiting == 0)) return;
        foreach (var slow in attached.Where(feed => feed.Waiting >= MostBlocks - 1))
        {
            foreach (var block in slow.LetGo()) Release(block);
        }
    }

    private async Task PumpAsync(Feed feed, CancellationToken cancellationToken)
    {
        while (await feed.TakeAsync().ConfigureAwait(false) is { } block)
        {
            try
            {
                if (!cancellationToken.IsCancellationRequested)
                    await feed.Copy.WriteAsync(block.Offset, block.Buffer.AsMemory(0, block.Length), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The queue is emptied all the same, so that every buffer comes back.
            }

            if (Interlocked.Decrement(ref feed.Waiting) == 0) _changed.Release();
            progress.Tell(feed.Copy.Item, block.Offset + block.Length);
            Release(block);
        }

        if (feed.ReadsOnFrom is { } from) await ReadOnAsync(feed, from, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadOnAsync(Feed feed, long offset, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BlockBytes);
        while (offset < size && feed.Copy.IsOpen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = Fill(source, buffer, offset);
            if (read == 0) return;
            await feed.Copy.WriteAsync(offset, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            offset += read;
            progress.Tell(feed.Copy.Item, offset);
        }
    }

    private void Release(Block block)
    {
        if (Interlocked.Decrement(ref block.Users) > 0) return;
        _free.Add(block.Buffer);
        _changed.Release();
    }

    private static int Fill(SafeFileHandle source, Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = RandomAccess.Read(source, buffer[filled..], offset + filled);
            if (read == 0) break;
            filled += read;
        }

        return filled;
    }

    // Local writes block their thread, so each copy has one of its own.
    private static Task Dedicated(Func<Task> pump) =>
        Task.Factory.StartNew(pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private sealed class Block(byte[] buffer, int length, long offset, int users)
    {
        public int Users = users;

        public byte[] Buffer => buffer;

        public int Length => length;

        public long Offset => offset;
    }

    private sealed class Feed(CopyInProgress copy)
    {
        public int Waiting;

        public CopyInProgress Copy => copy;

        public Channel<Block> Queue { get; } = Channel.CreateUnbounded<Block>();

        /// <summary>Where the copy goes on by itself; null while it is fed.</summary>
        public long? ReadsOnFrom { get; private set; }

        /// <summary>The next block; null when there is none any more.</summary>
        public async ValueTask<Block?> TakeAsync()
        {
            while (await Queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
                if (TryTake() is { } block) return block;
            return null;
        }

        /// <summary>Takes every block back that the copy has not begun; from there it reads on by itself.</summary>
        public List<Block> LetGo()
        {
            // In one step: a block taken in the middle of it would be written before the ones that were taken back.
            lock (Queue)
            {
                var back = new List<Block>();
                while (Queue.Reader.TryRead(out var block)) back.Add(block);
                if (back.Count == 0) return back;
                ReadsOnFrom = back[0].Offset;
                Queue.Writer.TryComplete();
                return back;
            }
        }

        private Block? TryTake()
        {
            lock (Queue) return Queue.Reader.TryRead(out var block) ? block : null;
        }
    }
}
