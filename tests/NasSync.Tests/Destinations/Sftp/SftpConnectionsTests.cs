using NasSync.Destinations;
using NasSync.Destinations.Sftp;
using NasSync.Tests.Faults;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

/// <summary>How many connections there are, for how much work.</summary>
public sealed class SftpConnectionsTests
{
    private static readonly byte[] Large = SftpWorld.Content(17 << 20);

    [RequiresFact("linux", SshServer.Program)]
    public async Task Many_small_files_share_few_connections()
    {
        await using var world = await SftpWorld.StartAsync();

        // On a fast disk the first connection would carry them all before the second one is there.
        await CopyManyAsync(world, 200, begun: SshFaultTests.UntilAsync(() => Task.FromResult(world.Connections >= 2)));
        Assert.InRange(world.Connections, 2, 4);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task No_more_connections_are_opened_than_the_configuration_allows()
    {
        await using var world = await SftpWorld.StartAsync(config: server => server.Config() with { Connections = 1 });
        await CopyManyAsync(world, 200);
        Assert.Equal(1, world.Connections);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task One_connection_carries_what_is_no_work_for_two()
    {
        await using var world = await SftpWorld.StartAsync();
        for (var i = 0; i < 3; i++) await CopyLargeAsync(world.Destination, $"one after the other {i}");
        await CopyManyAsync(world, 16);
        Assert.Equal(1, world.Connections);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task Each_large_file_has_a_connection_of_its_own_and_all_end_with_the_destination()
    {
        var world = await SftpWorld.StartAsync();
        await using (world)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => CopyLargeAsync(world.Destination, $"{i}")));
            Assert.Equal(4, world.Connections);
            Assert.NotEmpty(Clients(world.Server));
            await world.Destination.DisposeAsync();
            Assert.Empty(Clients(world.Server));
        }
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_host_that_wants_no_further_connection_is_served_over_the_one_that_there_is()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port);
        await using var destination = SftpWorld.Connect(server.Config(line));
        await CopyLargeAsync(destination, "first");
        await line.RefuseAsync();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => CopyLargeAsync(destination, $"{i}")));
        Assert.Equal(4, Directory.GetFiles(server.Root).Length);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_connection_of_several_that_was_cut_is_replaced()
    {
        await using var world = await SftpWorld.StartAsync();
        await Task.WhenAll(CopyLargeAsync(world.Destination, "a"), CopyLargeAsync(world.Destination, "b"));
        world.Server.DropConnections();
        await SshFaultTests.UntilAsync(async () =>
        {
            try
            {
                await Task.WhenAll(CopyLargeAsync(world.Destination, $"{Guid.NewGuid()}"), CopyLargeAsync(world.Destination, $"{Guid.NewGuid()}"));
                return true;
            }
            catch (FailureException e) when (e.Failure.Code is "ConnectionLost")
            {
                // ssh had not yet noticed.
                return false;
            }
        });
        Assert.InRange(world.Connections, 4, 6);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task No_more_files_are_open_at_a_time_than_the_server_allows()
    {
        using var scripts = new TempFolder();
        var narrow = scripts.WriteScript("narrow", "#!/bin/sh\nulimit -n 24\nexec /usr/lib/openssh/sftp-server\n");
        await using var world = await SftpWorld.StartAsync(narrow, config: server => server.Config() with { Connections = 1 });
        await CopyManyAsync(world, 60);
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_further_connection_that_failed_is_tried_again_after_a_while_and_not_before()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port);
        var time = new ManualTime();
        await using var destination = new SftpDestination(server.Config(line), SftpWorld.Environment, time);
        await CopyLargeAsync(destination, "first");
        await line.RefuseAsync();
        await TwoAsync();
        line.Accept();
        var before = line.Accepted;
        await TwoAsync();
        Assert.Equal(before, line.Accepted);
        time.Advance(TimeSpan.FromMinutes(5));
        await TwoAsync();
        Assert.Equal(before + 1, line.Accepted);

        async Task TwoAsync()
        {
            await using var one = await destination.BeginWriteAsync(SftpWorld.Request($"{Guid.NewGuid()}", Large), default);
            await using var two = await destination.BeginWriteAsync(SftpWorld.Request($"{Guid.NewGuid()}", Large), default);
        }
    }

    private static async Task CopyManyAsync(SftpWorld world, int count, Task? begun = null)
    {
        var copies = Enumerable.Range(0, count).Select(async i =>
        {
            var content = SftpWorld.Content(i * 331, i);
            await using var session = await world.Destination.BeginWriteAsync(SftpWorld.Request($"many/{i % 3}/{i}", content), default);
            if (begun is not null) await begun;
            await SftpWorld.SendAsync(session, content, 0, content.Length);
            return await session.CommitAsync(SftpWorld.Sha256(content), default);
        });
        Assert.All(
            await Task.WhenAll(copies),
            receipt => Assert.Equal((VerifiedBy.ReadBack, Durability.Fsynced), (receipt.VerifiedBy, receipt.Durability)));
        Assert.Equal(count, Directory.GetFiles(Path.Combine(world.Server.Root, "many"), "*", SearchOption.AllDirectories).Length);
    }

    private static Task<CommitReceipt> CopyLargeAsync(IDestination destination, string name) =>
        SftpWorld.CopyAsync(destination, SftpWorld.Request(name, Large), Large);

    // Every ssh that goes to this server, by its port among the arguments.
    private static List<string> Clients(SshServer server) =>
        [.. Proc.CommandLines().Where(line => line.Contains("ssh", StringComparison.Ordinal) && line.Split('\0').Contains($"{server.Port}"))];
}
