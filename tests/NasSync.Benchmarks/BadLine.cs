using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace NasSync.Benchmarks;

/// <summary>
/// A long and bad line before a port of loopback, for bench/run: <c>bad-line PORT TARGET COUNT-FILE RTT-MS RESET-EVERY</c> forwards PORT to TARGET,
/// each byte half of RTT-MS later, and resets the connection that carries the next byte to the server after RESET-EVERY bytes on average (0: never),
/// by dice of a fixed seed. COUNT-FILE always holds how many bytes clients sent. Runs until it is killed.
/// </summary>
internal sealed class BadLine(int target, TimeSpan delay, long resetEvery)
{
    private const int Piece = 64 * 1024;
    // A short line holds next to nothing, so that what a killed program sent is not more than what arrived.
    private readonly int _piecesUnderWay = delay > TimeSpan.Zero ? 1024 : 2;
    private readonly Random _dice = new(1);
    private readonly Lock _gate = new();
    private long _sent;
    private long _nextReset = long.MaxValue;

    /// <summary>Listens and forwards.</summary>
    public static async Task RunAsync(string[] args)
    {
        var numbers = new[] { args[0], args[1], args[3], args[4] }.Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var line = new BadLine((int)numbers[1], TimeSpan.FromMilliseconds(numbers[2] / 2.0), numbers[3]);
        line.Roll();
        var listener = new TcpListener(IPAddress.Loopback, (int)numbers[0]);
        listener.Start();
        var counting = line.CountAsync(args[2]);
        while (true) _ = line.ServeAsync(await listener.AcceptSocketAsync());
    }

    private void Roll()
    {
        if (resetEvery > 0) _nextReset = _sent + (long)(-Math.Log(1 - _dice.NextDouble()) * resetEvery) + 1;
    }

    private async Task CountAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        while (true)
        {
            file.Position = 0;
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Interlocked.Read(ref _sent):d15}\n"));
            await Task.Delay(5);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                client.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAll(PumpAsync(client, server, isCounted: true), PumpAsync(server, client, isCounted: false));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // What breaks one end breaks the line.
                Reset(client);
                Reset(server);
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isCounted)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, int Count, long Due)>(_piecesUnderWay);
        try
        {
            await Task.WhenAll(ReceiveAsync(), SendAsync());
        }
        catch
        {
            Reset(from);
            Reset(to);
            throw;
        }

        async Task ReceiveAsync()
        {
            try
            {
                while (true)
                {
                    var bytes = new byte[Piece];
                    var count = await from.ReceiveAsync(bytes);
                    if (isCounted && IsHit(count)) throw new SocketException((int)SocketError.ConnectionReset);
                    await underWay.Writer.WriteAsync((bytes, count, Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency)));
                    if (count == 0) return;
                }
            }
            catch
            {
                Reset(from);
                Reset(to);
                throw;
            }
            finally
            {
                underWay.Writer.TryComplete();
            }
        }

        async Task SendAsync()
        {
            await foreach (var (bytes, count, due) in underWay.Reader.ReadAllAsync())
            {
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.Zero) await Task.Delay(wait);
                if (count == 0) to.Shutdown(SocketShutdown.Send);
                for (var sent = 0; sent < count;) sent += await to.SendAsync(bytes.AsMemory(sent, count - sent));
            }
        }
    }

    private bool IsHit(int count)
    {
        lock (_gate)
        {
            _sent += count;
            if (_sent < _nextReset) return false;
            Roll();
            return true;
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }
}
