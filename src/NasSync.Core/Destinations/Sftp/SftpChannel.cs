using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// Requests and answers over one pair of streams: a write loop, a read loop and a table of ids between them. Many requests of many files are in
/// flight at a time. Whatever ends the read loop fails all pending and all later requests.
/// </summary>
internal sealed class SftpChannel : IDisposable
{
    /// <summary>Maximum size of an answer: no server needs a larger one, and it would take our memory.</summary>
    private const int LargestReply = 4 * 1024 * 1024;
    private const int BatchBytes = 256 * 1024;

    /// <summary>Size of one write into the pipe, so that a line of a few KB/s still shows progress.</summary>
    private const int PieceBytes = 32 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<uint, Pending> _pending = new();
    private readonly HandOver<(SftpPacket Packet, uint Id)> _queue = new();
    private readonly TaskCompletionSource<SftpReply> _version = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stream _toServer;
    private readonly BufferedStream _fromServer;
    private readonly ByteWindow _window;
    private readonly StallWatch _watch;
    private Exception? _failure;
    private int _lastId;

    /// <param name="toServer">Written by one thread, in blocking calls.</param>
    /// <param name="fromServer">Read by another thread.</param>
    /// <param name="window">Gets the requests' bytes back when their answers arrive.</param>
    /// <param name="time">The clock that detects a silent server.</param>
    public SftpChannel(Stream toServer, Stream fromServer, ByteWindow window, TimeProvider time)
    {
        _toServer = toServer;
        _watch = new StallWatch(Patience, time, End);
        _fromServer = new BufferedStream(new MovingStream(fromServer, _watch.Move), BatchBytes);
        _window = window;
        new Thread(ReadLoop) { IsBackground = true, Name = "sftp answers" }.Start();
        new Thread(WriteLoop) { IsBackground = true, Name = "sftp requests" }.Start();
    }

    /// <summary>
    /// Completes when the connection is unusable, with the cause: an <see cref="EndOfStreamException"/> when the server closed it, a
    /// <see cref="StalledException"/> when it fell silent.
    /// </summary>
    public Task<Exception> Ended => _ended.Task;

    /// <summary>Whether the server has answered the greeting.</summary>
    public bool Greeted => _version.Task.IsCompletedSuccessfully;

    /// <summary>Sends the greeting; its answer carries the version and the extensions.</summary>
    public Task<SftpReply> GreetAsync()
    {
        Enqueue(new SftpPacket(SftpType.Init).U32(3), 0);
        return _version.Task;
    }

    /// <summary>Sends a request. The task fails when the connection ends before the answer, or when <paramref name="read"/> throws.</summary>
    /// <param name="packet">The request.</param>
    /// <param name="read">Turns the answer into a result; disposes or keeps the answer. Runs on the read thread, so that an answer that nobody awaits
    /// yet wakes no other thread; it must not block.</param>
    /// <param name="windowBytes">The bytes that it took from the window.</param>
    /// <param name="slow">The server may need minutes for it.</param>
    public Task<T> RequestAsync<T>(SftpPacket packet, Func<SftpReply, T> read, int windowBytes = 0, bool slow = false)
    {
        var id = (uint)Interlocked.Increment(ref _lastId);
        var pending = new Pending<T>(read, windowBytes, slow);
        _watch.Begin(slow);
        _pending[id] = pending;
        if (Volatile.Read(ref _failure) is not { } failure) Enqueue(packet, id);
        else Fail(id, failure);
        return pending.Answer;
    }

    /// <summary>Accepts no more requests. The caller owns the streams: when it closes them, both loops end and pending requests fail.</summary>
    public void Dispose()
    {
        _queue.Complete();
        _watch.Dispose();
    }

    private void Enqueue(SftpPacket packet, uint id)
    {
        if (!_queue.TryAdd((packet, id))) Fail(id, _failure ?? new EndOfStreamException("the connection is closed"));

        // The read loop may have failed all requests just before this one was in the table.
        if (Volatile.Read(ref _failure) is { } failure) Fail(id, failure);
    }

    private void WriteLoop()
    {
        var batch = new byte[BatchBytes];
        try
        {
            while (_queue.Take(out var next))
            {
                var filled = 0;
                do
                {
                    var bytes = next.Packet.Finish(next.Id).Span;
                    if (filled + bytes.Length > batch.Length)
                    {
                        Write(batch.AsSpan(0, filled));
                        filled = 0;
                    }

                    // A large packet is written alone: copying it into the batch costs more than the call that it saves.
                    if (bytes.Length > batch.Length / 4)
                    {
                        Write(batch.AsSpan(0, filled));
                        filled = 0;
                        Write(bytes);
                    }
                    else
                    {
                        bytes.CopyTo(batch.AsSpan(filled));
                        filled += bytes.Length;
                    }

                    next.Packet.Release();
                }
                while (filled < BatchBytes / 2 && _queue.TryTake(out next));
                Write(batch.AsSpan(0, filled));
                _toServer.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The read loop learns the same from its end of the connection, together with the cause.
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, PieceBytes)..])
        {
            _toServer.Write(bytes[..Math.Min(bytes.Length, PieceBytes)]);
            _watch.Move();
        }
    }

    private void ReadLoop()
    {
        Exception end = new EndOfStreamException("the connection is closed");
        try
        {
            while (ReadPacket() is { } reply) Deliver(reply);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SftpProtocolException)
        {
            end = e;
        }
        finally
        {
            End(end);
        }
    }

    // The first cause counts; later ones follow from it.
    private void End(Exception reason)
    {
        var end = Interlocked.CompareExchange(ref _failure, reason, null) ?? reason;
        _queue.Complete();
        _version.TrySetException(end);
        foreach (var id in _pending.Keys) Fail(id, end);
        _ended.TrySetResult(end);
    }

    private void Deliver(SftpReply reply)
    {
        if (reply.Type == SftpType.Version)
        {
            if (!_version.TrySetResult(reply)) throw new SftpProtocolException("the server greeted twice");
            return;
        }

        if (!_pending.TryRemove(reply.Id, out var pending))
            throw new SftpProtocolException($"the server answered a request {reply.Id} that nobody made");
        _window.Return(pending.WindowBytes);
        _watch.End(pending.Slow);
        pending.Take(reply);
    }

    private SftpReply? ReadPacket()
    {
        Span<byte> head = stackalloc byte[4];
        if (_fromServer.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) is var got && got < head.Length)
        {
            if (got > 0 && !Greeted) throw Noise(head[..got]);
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is < 5 or > LargestReply || (!Greeted && length > 64 * 1024))
            throw Greeted ? new SftpProtocolException($"the server announced a packet of {length} bytes") : Noise(head);
        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        _fromServer.ReadExactly(buffer, 0, (int)length);
        if (!Greeted && buffer[0] != (byte)SftpType.Version) throw Noise([.. head, .. buffer.AsSpan(0, (int)length)]);
        return new SftpReply(buffer, (int)length);
    }

    // What a login script printed is the best hint at what must be silenced.
    private SftpProtocolException Noise(ReadOnlySpan<byte> start)
    {
        var more = new byte[200];
        var count = 0;
        try
        {
            // A single read, for what arrived with the first bytes: a script that waits for an answer prints nothing more.
            count = _fromServer.Read(more);
        }
        catch (IOException)
        {
            // The first bytes must suffice.
        }

        return new SftpProtocolException(Encoding.UTF8.GetString([.. start, .. more.AsSpan(0, count)]));
    }

    private void Fail(uint id, Exception failure)
    {
        if (id == 0) _version.TrySetException(failure);
        if (!_pending.TryRemove(id, out var pending)) return;
        _window.Return(pending.WindowBytes);
        _watch.End(pending.Slow);
        pending.Fail(failure);
    }

    private abstract class Pending(int windowBytes, bool slow)
    {
        public int WindowBytes => windowBytes;

        public bool Slow => slow;

        public abstract void Take(SftpReply reply);

        public abstract void Fail(Exception failure);
    }

    private sealed class Pending<T>(Func<SftpReply, T> read, int windowBytes, bool slow) : Pending(windowBytes, slow)
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => _answer.Task;

        public override void Take(SftpReply reply)
        {
            try
            {
                _answer.TrySetResult(read(reply));
            }
            catch (Exception e) when (e is SftpStatusException or SftpProtocolException)
            {
                _answer.TrySetException(e);
            }
        }

        public override void Fail(Exception failure) => _answer.TrySetException(failure);
    }
}
