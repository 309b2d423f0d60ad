using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

/// <summary>What a <see cref="FaultProxy"/> does to a connection when its bytes are used up.</summary>
internal enum LineFault
{
    /// <summary>Both ends get a reset (RST).</summary>
    Reset,

    /// <summary>Both ends see an orderly end, wherever in a message it falls.</summary>
    Close,

    /// <summary>Nothing more is taken from the sender in this direction; the sender is held up once its own buffers are full.</summary>
    Stall,

    /// <summary>What comes in this direction is taken and thrown away: the sender believes that all is well.</summary>
    Swallow,

    /// <summary>The server's end is gone without a word to the client, as after a power cut: what the client sends is thrown away.</summary>
    HalfOpen,

    /// <summary>Held back until <see cref="FaultProxy.Release"/>, then all goes through.</summary>
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
/// A bad line: a TCP proxy on loopback before one port. It counts bytes, never time: a fault comes after exactly as many bytes as the test says,
/// on the connection it was set for. Faults are used up in the order in which connections come; a connection without one is forwarded.
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
    private TcpListener _listener;
    private Task _accepting;
    private int _accepted;

    private FaultProxy(int target)
    {
        _target = target;
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Done when the next fault has struck; ask before the fault can come.</summary>
    public Task Struck => _struck.Task;

    /// <summary>Bytes that went through in a direction, over all connections.</summary>
    public long Bytes(Direction direction) => Interlocked.Read(ref _bytes[(int)direction]);

    /// <summary>Starts one before a port of loopback.</summary>
    public static FaultProxy Before(int port) => new(port);

    /// <summary>Gives a fault to the next connection that has none: it strikes when so many bytes went through in that direction.</summary>
    public FaultProxy Next(LineFault fault, Direction direction, long afterBytes)
    {
        _plans.Enqueue(new Plan(fault, direction, afterBytes));
        return this;
    }

    /// <summary>Lets the next connection pass, so that a fault set after it is for the one behind.</summary>
    public FaultProxy Pass()
    {
        _plans.Enqueue(new Plan(LineFault.Reset, Direction.ToServer, long.MaxValue));
        return this;
    }

    /// <summary>Lets every connection to come pass, whatever was set for it.</summary>
    public void Forget() => _plans.Clear();

    /// <summary>Resets every open connection; new ones are taken.</summary>
    public void CutAll()
    {
        foreach (var connection in _open.Keys) connection.End(reset: true);
    }

    /// <summary>Lets everything through that a <see cref="LineFault.Delay"/> holds back.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>From now on, connections are refused.</summary>
    public async Task RefuseAsync()
    {
        // A process that another test starts at this moment has the socket open until it runs its program: the kernel would go on taking connections.
        if (OperatingSystem.IsLinux() && _listener.Server.IsBound) _listener.Server.Shutdown(SocketShutdown.Both);
        _listener.Stop();
        await _accepting;
    }

    /// <summary>Takes connections again after <see cref="RefuseAsync"/>.</summary>
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

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return listener;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                Interlocked.Increment(ref _accepted);
                var connection = new Connection(client, _plans.TryDequeue(out var plan) ? plan : null);
                _open[connection] = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Told to stop.
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
            // An end of the line is gone.
        }
        finally
        {
            connection.End(reset: false);
            _open.TryRemove(connection, out _);
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
            // What breaks one end breaks the line, unless the client is not to know.
            if (!connection.IsHalfOpen) connection.End(reset: true);
        }
    }

    // Gives how many more bytes are taken.
    private async Task<long> StrikeAsync(Connection connection, Direction direction)
    {
        connection.Strike(direction);
        Interlocked.Exchange(ref _struck, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        if (connection.Plan!.Fault == LineFault.Stall) await connection.Ended.WaitAsync(_stop.Token);
        if (connection.Plan.Fault == LineFault.Delay) await _released.Task.WaitAsync(_stop.Token);
        return long.MaxValue;
    }

    private sealed record Plan(LineFault Fault, Direction Direction, long AfterBytes);

    private sealed class Connection(Socket client, Plan? plan)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Socket Client => client;

        public Socket Server { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public Plan? Plan => plan;

        public Task Ended => _ended.Task;

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
                    // What still comes is read and thrown away: unread bytes would turn the end into a reset.
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

        public void End(bool reset)
        {
            if (!_ended.TrySetResult()) return;
            Close(client, reset);
            Close(Server, reset);
        }

        // Lingering for no time at all is how a socket is made to send a reset.
        private static void Close(Socket socket, bool reset)
        {
            if (reset && !socket.SafeHandle.IsClosed) socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }
}
