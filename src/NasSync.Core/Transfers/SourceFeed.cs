using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Transfers;

/// <summary>Reads a source once and passes its blocks to all copies, each at its own pace.</summary>
internal interface ISourceFeed : IAsyncDisposable
{
    /// <summary>Reads the source to its end, as fast as the fastest copy; stops early when no copy needs the bytes and no hash is wanted.</summary>
    Task ReadAsync();

    /// <summary>Completes when a copy has all its bytes or has failed. Call it after <see cref="ReadAsync"/>.</summary>
    /// <returns>True when the copy was slow and read a part of the source itself, later than the others.</returns>
    Task<bool> FedAsync(CopyInProgress copy);

    /// <summary>The feed that fits the source's size.</summary>
    /// <param name="source">The source.</param>
    /// <param name="copies">The copies, each with a task that completes when it can take blocks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    static ISourceFeed Over(SourceToRead source, IReadOnlyDictionary<CopyInProgress, Task> copies, CancellationToken cancellationToken) =>
        source.Size <= SourceFeed.BlockBytes
            ? new OneBlockFeed(source, copies, cancellationToken)
            : new SourceFeed(source, copies, cancellationToken);
}

/// <summary>A source, with the hasher and the progress that receive its bytes too.</summary>
/// <param name="File">The open file.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Hasher">Receives every block; must live until the feed is disposed.</param>
/// <param name="Progress">Reports the progress of each copy.</param>
/// <param name="Patience">The longest total time that faster copies wait for slower ones.</param>
/// <param name="Time">The clock.</param>
internal sealed record SourceToRead(SafeFileHandle File, long Size, BlockHasher Hasher, ProgressClock Progress, TimeSpan Patience, TimeProvider Time)
{
    /// <summary>Whether to read to the end even if no copy needs the bytes, because a copy that took the source itself needs the hash.</summary>
    public bool HashIsWanted { get; init; }
}

/// <summary>Feeds a source of one block, cheaply: without queues and other threads.</summary>
internal sealed class OneBlockFeed(
    SourceToRead source,
    IReadOnlyDictionary<CopyInProgress, Task> copies,
    CancellationToken cancellationToken) : ISourceFeed
{
    private readonly List<Task> _writes = [];
    private byte[] _buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Math.Max((int)source.Size, 1));
    private int _filled;

    public Task ReadAsync()
    {
        _filled = SourceFeed.Fill(source.File, _buffer.AsSpan(0, (int)source.Size), 0);
        source.Hasher.AppendHere(_buffer.AsSpan(0, _filled));
        return Task.CompletedTask;
    }

    public async Task<bool> FedAsync(CopyInProgress copy)
    {
        var write = WriteAsync(copy);
        lock (_writes) _writes.Add(write);
        await write.ConfigureAwait(false);
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_writes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Interlocked.Exchange(ref _buffer, []) is { Length: > 0 } buffer) System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
    }

    private async Task WriteAsync(CopyInProgress copy)
    {
        await copies[copy].ConfigureAwait(false);
        if (_filled > 0 && copy.IsOpen) await copy.WriteAsync(0, _buffer.AsMemory(0, _filled), cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>
/// Reads a source block by block into a few shared buffers, and passes each block to the hasher and to every copy. Copies run at their own pace as
/// far as the buffers allow; beyond that, faster copies wait for slower ones, so that the source is read only once. The total wait is limited: then
/// a slow copy is detached and reads the rest of the source itself, and the others continue.
/// </summary>
internal sealed class SourceFeed : ISourceFeed
{
    /// <summary>The most bytes of a block.</summary>
    public const int BlockBytes = 512 * 1024;

    // Exactly what OpenSSH accepts in two requests, so that no third request carries a small rest. Not for folders, where blocks are page-aligned.
    private const int RemoteBlockBytes = 2 * 255 * 1024;
    private const int MostBlocks = 8;
    private readonly SourceToRead _source;
    private readonly CancellationTokenSource _stop;
    private readonly List<Feed> _feeds;
    private readonly Dictionary<CopyInProgress, Task<bool>> _fed;
    private readonly ConcurrentBag<byte[]> _free = [];

    // Never disposed, because after a stop the hasher still returns its blocks.
    private readonly SemaphoreSlim _changed = new(0);
    private readonly int _blockBytes;
    private TimeSpan _waited;
    private int _made;

    /// <summary>Starts the copies; nothing is read before <see cref="ReadAsync"/>.</summary>
    /// <inheritdoc cref="ISourceFeed.Over" path="/param"/>
    public SourceFeed(SourceToRead source, IReadOnlyDictionary<CopyInProgress, Task> copies, CancellationToken cancellationToken)
    {
        _source = source;
        _blockBytes = copies.Keys.Any(copy => copy.Blocks) ? BlockBytes : RemoteBlockBytes;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _feeds = [.. copies.Select(pair => new Feed(pair.Key, pair.Value))];
        _fed = _feeds.ToDictionary(feed => feed.Copy, feed => Dedicated(() => PumpAsync(feed, _stop.Token)));
    }

    /// <inheritdoc/>
    public async Task ReadAsync()
    {
        try
        {
            for (var offset = 0L; offset < _source.Size && (_source.HashIsWanted || _feeds.Exists(feed => feed.Copy.IsOpen));)
            {
                var buffer = await TakeBufferAsync(_stop.Token).ConfigureAwait(false);
                var read = Fill(_source.File, buffer, offset);
                if (read == 0) break;
                Share(buffer, read, offset);
                offset += read;
            }
        }
        finally
        {
            foreach (var feed in _feeds) feed.Queue.Writer.TryComplete();
        }
    }

    /// <inheritdoc/>
    public Task<bool> FedAsync(CopyInProgress copy) => _fed[copy];

    /// <summary>Stops the copies that still read, and waits until they have returned their blocks.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var feed in _feeds) feed.Queue.Writer.TryComplete();
        await Task.WhenAll(_fed.Values.Select(pump => (Task)pump)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Share(byte[] buffer, int read, long offset)
    {
        var takers = _feeds.Where(feed => feed.ReadsOnFrom is null && feed.Copy.IsOpen).ToList();
        var block = new Block(buffer, read, offset, takers.Count + 1);
        _source.Hasher.Append(buffer.AsMemory(0, read), () => Release(block));
        foreach (var feed in takers)
        {
            Interlocked.Increment(ref feed.Waiting);
            feed.Queue.Writer.TryWrite(block);
        }
    }

    private async ValueTask<byte[]> TakeBufferAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_free.TryTake(out var buffer)) return buffer;
            if (_made < MostBlocks)
            {
                _made++;
                return GC.AllocateUninitializedArray<byte>(_blockBytes);
            }

            await WaitForBufferAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WaitForBufferAsync(CancellationToken cancellationToken)
    {
        var slow = Slow();
        if (slow.Count == 0)
        {
            await _changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_waited < _source.Patience)
        {
            var started = _source.Time.GetTimestamp();
            using var patience = new CancellationTokenSource(_source.Patience - _waited, _source.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                await _changed.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The wait is used up, which the next check sees.
            }

            _waited += _source.Time.GetElapsedTime(started);
            return;
        }

        foreach (var block in slow.SelectMany(feed => feed.LetGo())) Release(block);
    }

    // The copies that hold all buffers while another one is idle.
    private List<Feed> Slow()
    {
        var attached = _feeds.Where(feed => feed.ReadsOnFrom is null && feed.Copy.IsOpen).ToList();
        return attached.Exists(feed => feed.Waiting == 0) ? attached.FindAll(feed => feed.Waiting >= MostBlocks - 1) : [];
    }

    private async Task<bool> PumpAsync(Feed feed, CancellationToken cancellationToken)
    {
        await feed.Begun.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (await feed.TakeAsync().ConfigureAwait(false) is { } block)
        {
            try
            {
                if (!cancellationToken.IsCancellationRequested)
                    await feed.Copy.WriteAsync(block.Offset, block.Buffer.AsMemory(0, block.Length), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Empty the queue even after a failure, so that every buffer is returned.
            }

            if (Interlocked.Decrement(ref feed.Waiting) == 0) _changed.Release();
            _source.Progress.Tell(feed.Copy.Item, block.Offset + block.Length);
            Release(block);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (feed.ReadsOnFrom is not { } from) return false;
        await ReadOnAsync(feed, from, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ReadOnAsync(Feed feed, long offset, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(_blockBytes);
        while (offset < _source.Size && feed.Copy.IsOpen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = Fill(_source.File, buffer, offset);
            if (read == 0) return;
            await feed.Copy.WriteAsync(offset, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            offset += read;
            _source.Progress.Tell(feed.Copy.Item, offset);
        }
    }

    private void Release(Block block)
    {
        if (Interlocked.Decrement(ref block.Users) > 0) return;
        _free.Add(block.Buffer);
        _changed.Release();
    }

    /// <summary>Reads until the buffer is full or the source ends.</summary>
    public static int Fill(SafeFileHandle source, Span<byte> buffer, long offset)
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

    // Local writes block their thread, so each copy gets a separate one.
    private static Task<bool> Dedicated(Func<Task<bool>> pump) =>
        Task.Factory.StartNew(pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private sealed class Block(byte[] buffer, int length, long offset, int users)
    {
        public int Users = users;

        public byte[] Buffer => buffer;

        public int Length => length;

        public long Offset => offset;
    }

    private sealed class Feed(CopyInProgress copy, Task begun)
    {
        public int Waiting;

        public CopyInProgress Copy => copy;

        /// <summary>Completes when the copy can take blocks.</summary>
        public Task Begun => begun;

        public Channel<Block> Queue { get; } = Channel.CreateUnbounded<Block>();

        /// <summary>The offset from which the copy reads the source itself; null while it is fed.</summary>
        public long? ReadsOnFrom { get; private set; }

        /// <summary>The next block; null after the last one.</summary>
        public async ValueTask<Block?> TakeAsync()
        {
            while (await Queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
                if (TryTake() is { } block) return block;
            return null;
        }

        /// <summary>Detaches the copy: returns the blocks that it has not begun; from there on it reads the source itself.</summary>
        public List<Block> LetGo()
        {
            // Under the lock: a block taken in between would be written before the ones that were returned.
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
