using System.Net;
using System.Net.Sockets;

namespace NasSync.Tests.Support;

public sealed class FaultProxyTests : IAsyncLifetime
{
    private static readonly byte[] Hello = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private FaultProxy _proxy = null!;

    public ValueTask InitializeAsync()
    {
        _server.Start();
        _proxy = FaultProxy.Before(((IPEndPoint)_server.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Bytes_and_ends_go_through_both_ways()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync(Hello);
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(Hello, await AllOfAsync(server));
            await server.SendAsync(Hello.AsMemory(0, 10));
            server.Shutdown(SocketShutdown.Send);
            Assert.Equal(Hello[..10], await AllOfAsync(client));
            Assert.Equal((1000, 10, 1), (_proxy.Bytes(Direction.ToServer), _proxy.Bytes(Direction.ToClient), _proxy.Accepted));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public async Task A_reset_comes_after_exactly_so_many_bytes_and_is_told_to_the_client(int after)
    {
        _proxy.Next(LineFault.Reset, Direction.ToServer, after);
        var struck = _proxy.Struck;
        var told = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            // A reset after 0 bytes may be reported as early as this call.
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
            if (after > 0) await client.SendAsync(Hello);
            await struck;
            await AllOfAsync(client);
        });
        Assert.Equal(SocketError.ConnectionReset, told.SocketErrorCode);
        await struck;
        Assert.Equal(after, _proxy.Bytes(Direction.ToServer));
    }

    [Fact]
    public async Task A_close_in_the_middle_of_a_body_looks_like_an_orderly_end()
    {
        _proxy.Next(LineFault.Close, Direction.ToClient, 300);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await server.SendAsync(Hello);
            Assert.Equal(Hello[..300], await AllOfAsync(client));
        }
    }

    [Fact]
    public async Task What_is_swallowed_never_arrives_and_the_other_direction_lives()
    {
        _proxy.Next(LineFault.Swallow, Direction.ToServer, 400);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            for (var i = 0; i < 2000; i++) await client.SendAsync(Hello);
            await server.SendAsync(Hello.AsMemory(0, 5));
            Assert.Equal(Hello[..5], await SomeOfAsync(client, 5));
            Assert.Equal(Hello[..400], await SomeOfAsync(server, 400));
            Assert.Equal(400, _proxy.Bytes(Direction.ToServer));
        }
    }

    [Fact]
    public async Task A_stall_holds_the_sender_up_and_ends_with_the_connection()
    {
        _proxy.Next(LineFault.Stall, Direction.ToServer, 100);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            var struck = _proxy.Struck;
            var sending = SendUntilHeldUpAsync(client);
            await struck;
            Assert.Equal(Hello[..100], await SomeOfAsync(server, 100));
            Assert.False(sending.IsCompleted);
            _proxy.CutAll();
            await Assert.ThrowsAsync<SocketException>(() => sending);
        }
    }

    [Fact]
    public async Task A_half_open_line_is_gone_for_the_server_and_there_for_the_client()
    {
        _proxy.Next(LineFault.HalfOpen, Direction.ToServer, 100);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync(Hello.AsMemory(0, 100));
            Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => AllOfAsync(server))).SocketErrorCode);
            for (var i = 0; i < 2000; i++) await client.SendAsync(Hello);
            Assert.True(client.Connected);
        }
    }

    [Fact]
    public async Task What_is_delayed_comes_when_it_is_released_and_not_before()
    {
        _proxy.Next(LineFault.Delay, Direction.ToServer, 100);
        var struck = _proxy.Struck;
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync(Hello);
            client.Shutdown(SocketShutdown.Send);
            await struck;
            Assert.Equal(100, _proxy.Bytes(Direction.ToServer));
            _proxy.Release();
            Assert.Equal(Hello, await AllOfAsync(server));
        }
    }

    [Fact]
    public async Task Faults_are_for_one_connection_each_and_in_order()
    {
        _proxy.Pass().Next(LineFault.Close, Direction.ToServer, 10);
        foreach (var expected in (int[])[1000, 10, 1000])
        {
            var (client, server) = await ConnectAsync();
            using (client)
            using (server)
            {
                await client.SendAsync(Hello);
                client.Shutdown(SocketShutdown.Send);
                Assert.Equal(Hello[..expected], await AllOfAsync(server));
            }
        }
    }

    [Fact]
    public async Task All_connections_can_be_cut_and_new_ones_refused_for_a_while()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            _proxy.CutAll();
            await Assert.ThrowsAsync<SocketException>(() => AllOfAsync(client));
        }

        await _proxy.RefuseAsync();
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => ConnectAsync())).SocketErrorCode);
        _proxy.Accept();
        var (again, behind) = await ConnectAsync();
        again.Dispose();
        behind.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return (client, await _server.AcceptSocketAsync());
    }

    private static async Task SendUntilHeldUpAsync(Socket socket)
    {
        while (true) await socket.SendAsync(Hello);
    }

    private static async Task<byte[]> AllOfAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;) all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static async Task<byte[]> SomeOfAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        for (var got = 0; got < count;)
            got += await socket.ReceiveAsync(buffer.AsMemory(got)) is > 0 and var more ? more : throw new EndOfStreamException();
        return buffer;
    }
}
