using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>A fault that a <see cref="FaultProxy"/> causes on a connection after a given number of bytes.</summary>
internal enum LineFault
{
    /// <summary>Both ends get a reset (RST).</summary>
    Reset,

    /// <summary>Both ends see an orderly close (FIN), even in the middle of a message.</summary>
    Close,

    /// <summary>The proxy reads no more bytes in this direction; the sender blocks once its buffers are full.</summary>
    Stall,

    /// <summary>The proxy reads and discards the bytes in this direction; the sender notices nothing.</summary>
    Swallow,

    /// <summary>The server's side is closed and the client is not told, as after a power cut; the client's bytes are discarded.</summary>
    HalfOpen,

    /// <summary>The bytes are held back until <see cref="FaultProxy.Release"/>, then forwarded.</summary>
    Delay,
}

/// <summary>Which way bytes go.</summary>
internal enum Direction
{
    /// <summary>From the client.</summary>
    ToServer,

    /// <summary>From the server.</summary>
    ToClient,
}

/// <summary>
/// A bad line: a TCP proxy in front of one loopback port. It counts bytes, never time: a fault strikes after exactly the given number of bytes.
/// Each new connection takes the next fault in the order they were set; a connection without a fault is forwarded.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly int _target;
    private readonly ConcurrentQueue<Plan> _plans = new();
    private readonly ConcurrentDictionary<Connection, Task> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _bytes = new long[2];
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private Task _accepting;
    private int _accepted;

    private FaultProxy(int target)
    {
        _target = target;
        Port = OwnPort.Next();
        _listener = Listen(Port);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>The proxy's port.</summary>
    public int Port { get; }

    /// <summary>The number of connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Completes when the next fault has struck; read it before that fault can strike.</summary>
    public Task Struck => _struck.Task;

    /// <summary>The bytes forwarded in a direction, over all connections.</summary>
    public long Bytes(Direction direction) => Interlocked.Read(ref _bytes[(int)direction]);

    /// <summary>Starts a proxy in front of a loopback port.</summary>
    public static FaultProxy Before(int port) => new(port);

    /// <summary>Sets a fault for the next connection without one; it strikes after a number of bytes in a direction.</summary>
    public FaultProxy Next(LineFault fault, Direction direction, long afterBytes)
    {
        _plans.Enqueue(new Plan(fault, direction, afterBytes));
        return this;
    }

    /// <summary>Leaves the next connection without a fault; a fault set afterwards is for the connection after it.</summary>
    public FaultProxy Pass()
    {
        _plans.Enqueue(new Plan(LineFault.Reset, Direction.ToServer, long.MaxValue));
        return this;
    }

    /// <summary>Removes the faults that were set for future connections.</summary>
    public void Forget() => _plans.Clear();

    /// <summary>Resets every open connection; new ones are still accepted.</summary>
    public void CutAll()
    {
        foreach (var connection in _open.Keys) connection.End(reset: true);
    }

    /// <summary>Forwards everything that <see cref="LineFault.Delay"/> holds back.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Refuses connections from now on.</summary>
    public async Task RefuseAsync()
    {
        // A process that another test starts right now inherits the socket until its exec; until then, the kernel would go on accepting connections.
        if (OperatingSystem.IsLinux()) _listener?.Shutdown(SocketShutdown.Both);
        _listener?.Dispose();
        _listener = null;
        await _accepting;
    }

    /// <summary>Accepts connections again after <see cref="RefuseAsync"/>.</summary>
    public void Accept()
    {
        _listener = Listen(Port);
        _accepting = AcceptAsync(_listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await RefuseAsync();
        CutAll();
        await Task.WhenAll(_open.Values);
        _stop.Dispose();
    }

    private static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                var connection = new Connection(client, _plans.TryDequeue(out var plan) ? plan : null);

                // Registered before it forwards anything, so that CutAll finds every connection that a test has used.
                _open[connection] = connection.Served;
                _ = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The proxy is being stopped.
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        await Task.Yield();
        try
        {
            await connection.Server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAll(PumpAsync(connection, Direction.ToServer), PumpAsync(connection, Direction.ToClient));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side of the connection is gone.
        }
        finally
        {
            connection.End(reset: false);
            _open.TryRemove(connection, out _);
            connection.IsServed();
        }
    }

    private async Task PumpAsync(Connection connection, Direction direction)
    {
        var (from, to) = direction == Direction.ToServer ? (connection.Client, connection.Server) : (connection.Server, connection.Client);
        var left = connection.Plan is { } plan && plan.Direction == direction ? plan.AfterBytes : long.MaxValue;
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                if (left == 0) left = await StrikeAsync(connection, direction);
                var count = await from.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), _stop.Token);
                if (count == 0) break;
                if (connection.Swallows[(int)direction]) continue;
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                Interlocked.Add(ref _bytes[(int)direction], count);
                left -= count;
            }

            if (!connection.Swallows[(int)direction]) to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // An error on one side ends the whole connection, except when the client must not notice.
            if (!connection.IsHalfOpen) connection.End(reset: true);
        }
    }

    // Returns how many more bytes to forward.
    private async Task<long> StrikeAsync(Connection connection, Direction direction)
    {
        try
        {
            connection.Strike(direction);
        }
        finally
        {
            // Also when an end of the connection is gone by then.
            Interlocked.Exchange(ref _struck, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }

        if (connection.Plan!.Fault == LineFault.Stall) await connection.Ended.WaitAsync(_stop.Token);
        if (connection.Plan.Fault == LineFault.Delay) await _released.Task.WaitAsync(_stop.Token);
        return long.MaxValue;
    }

    private sealed record Plan(LineFault Fault, Direction Direction, long AfterBytes);

    private sealed class Connection(Socket client, Plan? plan)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Socket Client => client;

        public Socket Server { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public Plan? Plan => plan;

        public Task Ended => _ended.Task;

        public Task Served => _served.Task;

        public bool[] Swallows { get; } = new bool[2];

        public bool IsHalfOpen { get; private set; }

        public void Strike(Direction direction)
        {
            switch (plan!.Fault)
            {
                case LineFault.Reset:
                    End(reset: true);
                    break;
                case LineFault.Close:
                    // Later bytes are read and discarded: unread bytes would turn the close into a reset.
                    (Swallows[0], Swallows[1]) = (true, true);
                    client.Shutdown(SocketShutdown.Send);
                    Server.Shutdown(SocketShutdown.Send);
                    break;
                case LineFault.Swallow:
                    Swallows[(int)direction] = true;
                    break;
                case LineFault.HalfOpen:
                    (IsHalfOpen, Swallows[(int)Direction.ToServer]) = (true, true);
                    Close(Server, reset: true);
                    break;
            }
        }

        public void IsServed() => _served.SetResult();

        public void End(bool reset)
        {
            if (!_ended.TrySetResult()) return;
            Close(client, reset);
            Close(Server, reset);
        }

        // A linger time of 0 makes the socket send a reset.
        private static void Close(Socket socket, bool reset)
        {
            if (reset && !socket.SafeHandle.IsClosed) socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }
}
