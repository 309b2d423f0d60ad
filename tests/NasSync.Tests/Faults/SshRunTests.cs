using NasSync.Config;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Faults;

/// <summary>Runs of the whole engine over a bad line to a real sshd: which bytes a run sends again, and which the next run does.</summary>
[Needs("linux", SshServer.Program)]
public sealed class SshRunTests(ITestOutputHelper output)
{
    private const int MiB = 1 << 20;

    // The most bytes that are in flight at once, and may be lost.
    private const int Window = 8 * MiB;

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_copy_whose_connection_is_reset_goes_on_in_the_same_run_and_sends_little_again()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port).Next(LineFault.Reset, Direction.ToServer, 20 * MiB);
        using var world = World(server, line);
        var content = Job(world, 40 * MiB);
        var events = await world.RunAsync();
        Assert.Single(events.OfType<TransferEvent.Committed>());
        Assert.Empty(events.OfType<TransferEvent.Failed>());
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(server.Root, "job_1/film.mkv")));
        Assert.InRange(line.Bytes(Direction.ToServer), content.Length, content.Length + Window + (content.Length / 50));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task A_copy_is_finished_over_a_line_that_breaks_again_and_again()
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port);
        for (var i = 1; i <= 4; i++)
        {
            line.Next(i % 2 == 0 ? LineFault.Close : LineFault.Reset, Direction.ToServer, 8 * MiB);

            // The second connection is the shell's, which stays open.
            if (i == 1) line.Pass();
        }

        using var world = World(server, line);
        var content = Job(world, 24 * MiB);
        Assert.Equal((1, 0), ((await world.SyncAsync()) is var result ? result.Committed : 0, result.Failed));
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(server.Root, "job_1/film.mkv")));
        Assert.Equal(["film.mkv"], Directory.GetFiles(Path.Combine(server.Root, "job_1")).Select(Path.GetFileName));
    }

    [NeedsTheory]
    [InlineData(nameof(LineFault.Stall))]
    [InlineData(nameof(LineFault.Swallow))]
    [InlineData(nameof(LineFault.HalfOpen))]
    public async Task A_copy_whose_line_falls_silent_goes_on_over_a_new_one_in_the_same_run(string fault)
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port).Next(Enum.Parse<LineFault>(fault), Direction.ToServer, 5 * MiB);
        using var world = World(server, line);
        var content = Job(world, 12 * MiB);
        var time = new ManualTime();

        // ssh would itself end a silent connection after 45 real seconds; this wrapper turns that off, since the first value of an option counts.
        // With -G, ssh only prints its settings and does not connect.
        using var bin = new TempFolder();
        var program = bin.WriteScript(
            "ssh",
            $"#!/bin/sh\ncase \" $* \" in *' -G '*) ;; *) echo >> {bin["started"]} ;; esac\nexec ssh -o ServerAliveInterval=0 \"$@\"\n");
        var patient = new Dictionary<string, string> { [SshCommand.ProgramVariable] = program };
        var struck = line.Struck;
        var running = Task.Run(async () =>
        {
            var events = new List<TransferEvent>();
            await foreach (var one in new SyncEngine(world.Config, time) { Variables = patient }.RunAsync(new SyncRequest())) events.Add(one);
            return events;
        });
        await struck;

        // Advances the clock until the silence is noticed and a third ssh is started (after the copy's and the shell's), and no further, since
        // the third one must have time to log in.
        await SshFaultTests.UntilAsync(() =>
        {
            if (File.ReadAllLines(bin["started"]).Length >= 3) return Task.FromResult(true);
            time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(false);
        });
        var done = await running.WaitAsync(Wait.Longest);
        Assert.Single(done.OfType<TransferEvent.Committed>());
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(server.Root, "job_1/film.mkv")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public Task A_run_that_was_killed_in_the_middle_of_a_file_is_gone_on_with_by_the_next() => KillAndGoOnAsync(64L * MiB, 40L * MiB, sparse: false);

    /// <summary>Takes several minutes and 6 GiB of temporary files, so it runs only with <c>NASSYNC_TEST_LARGE=1</c>.</summary>
    [RequiresFact("large", "linux", SshServer.Program)]
    public Task A_sparse_file_of_six_gibibytes_is_gone_on_with_after_a_kill() => KillAndGoOnAsync(6144L * MiB, 3500L * MiB, sparse: true);

    private async Task KillAndGoOnAsync(long size, long killAt, bool sparse)
    {
        await using var server = await SshServer.StartAsync();
        await using var line = FaultProxy.Before(server.Port).Next(LineFault.Delay, Direction.ToServer, killAt);
        using var world = World(server, line);
        var source = Job(world, size, sparse);
        var config = Path.Combine(world.Root, "nas-sync.yaml");
        var place = server.Config(line);
        File.WriteAllText(config, $$"""
            nasSync:
              outputsDir: {{world.Outputs}}
              workDir: {{world.Root}}/work
              destinations:
                studio: { type: sftp, host: 127.0.0.1, port: {{line.Port}}, user: {{place.User}}, identityFile: {{place.IdentityFile}}, knownHosts: {{place.KnownHosts}}, root: {{server.Root}} }
              routes: [ { to: "studio:${jobId}" } ]
            """);
        var struck = line.Struck;
        using (var first = Nassync.Start("sync", "--config", config))
        {
            await struck;
            first.Kill();
            await first.WaitForExitAsync();
        }

        line.CutAll();
        var sent = line.Bytes(Direction.ToServer);
        Assert.InRange(sent, killAt, killAt + 100_000);
        var kept = new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(server.Root, "job_1")))).Length;
        var second = await Nassync.RunAsync("sync", "--json", "--config", config);
        Assert.True(second.ExitCode == 0, second.Error);
        var again = line.Bytes(Direction.ToServer) - sent;
        output.WriteLine($"{size} bytes: first run sent {sent}, at least {kept} were there after the kill, "
            + $"second run sent {again} for at most {size - kept} missing");
        var committed = Assert.Single(second.Of("committed"));
        Assert.Equal("serverHash", committed.GetProperty("verifiedBy").GetString());
        Assert.Equal(TempFolder.Sha256Of(source), committed.GetProperty("sha256").GetString());
        Assert.Equal(TempFolder.Sha256Of(source), TempFolder.Sha256Of(Path.Combine(server.Root, "job_1/film.mkv")));
        Assert.Equal(["film.mkv"], Directory.GetFiles(Path.Combine(server.Root, "job_1")).Select(Path.GetFileName));

        // Bytes in flight at the kill are lost, and ssh adds about a thousandth. The server may still have been writing when the test read the
        // file's size.
        Assert.InRange(again, size - killAt, size - killAt + Window + MiB + (size / 200));
    }

    private static SyncWorld World(SshServer server, FaultProxy line)
    {
        var world = new SyncWorld { Route = new Route { Number = 1, To = ["studio:${jobId}"] } };
        world.Config = world.Config with
        {
            Retry = new() { MaxAttempts = 8, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase) { ["studio"] = server.Config(line) },
        };
        return world;
    }

    private static string Job(SyncWorld world, long size, bool sparse)
    {
        if (!sparse) Job(world, (int)size);
        else world.Job().Declare("film.mkv", "video").Write();
        var file = Path.Combine(world.Outputs, "job_1/film.mkv");
        if (!sparse) return file;
        using var stream = File.Create(file);
        stream.SetLength(size);
        return file;
    }

    private static byte[] Job(SyncWorld world, int size)
    {
        var content = new byte[size];
        new Random(7).NextBytes(content);
        world.Job().Add("film.mkv", "video", content: content).Write();
        return content;
    }
}
