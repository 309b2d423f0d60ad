using System.Net;
using System.Net.Sockets;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Ssh;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>A stop ends a run that asks a place which does not answer; the clock stands still, so that nothing else would end it.</summary>
public sealed class StopWhilePlanningTests : IDisposable
{
    private readonly SyncWorld _world = new();
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public Task A_stop_does_not_wait_for_an_sftp_host() =>
        StopAsync(new SftpDestinationConfig { Name = "far", Host = "nas", Root = "/media" });

    [RequiresFact("rsync")]
    public Task A_stop_does_not_wait_for_an_rsync_host() => StopAsync(new RsyncDestinationConfig { Name = "far", Target = "nas:/media" });

    [Fact]
    public async Task A_stop_does_not_wait_for_an_s3_server()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var asked = server.AcceptTcpClientAsync();
        await StopAsync(
            new S3DestinationConfig
            {
                Name = "far",
                Bucket = "media",
                Endpoint = new Uri($"http://{server.LocalEndpoint}"),
                AccessKeyId = new SecretReference("env", "KEY"),
                SecretAccessKey = new SecretReference("env", "KEY"),
            },
            asked);
        (await asked).Dispose();
    }

    [Theory]
    [InlineData("stat")]
    [InlineData("hash")]
    public async Task A_stop_ends_every_question_of_a_plan(string step)
    {
        var job = _world.Job();
        job.Add("a.m4a", "audio", content: [1, 2, 3]).Write();
        Directory.CreateDirectory(Path.Combine(_world.Nas, "job_1"));
        File.WriteAllBytes(Path.Combine(_world.Nas, "job_1", "a.m4a"), [1, 2, 4]);
        var call = Enum.Parse<DestinationCall>(step, ignoreCase: true);
        _world.Wrap = (_, place) => new AnswersNobody(place, call, _stop);
        var events = await _world.RunAsync(cancellationToken: _stop.Token);
        Assert.True(Assert.IsType<TransferEvent.Finished>(events[^1]).Result.Stopped);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _world.Dispose();
    }

    // What only asks for settings is answered, since each destination gives that a limit of its own.
    private async Task StopAsync(DestinationConfig place, Task? asked = null)
    {
        using var bin = new TempFolder();
        var ssh = bin.WriteScript("ssh", $"#!/bin/sh\ncase \" $* \" in *' -G '*) exit 1 ;; esac\n: > {bin["asked"]}\nexec sleep 100000\n");
        var world = new SyncWorld
        {
            Variables = new Dictionary<string, string> { [SshCommand.ProgramVariable] = ssh, ["KEY"] = "x" },
            Time = new ManualTime(),
        };
        using var _ = world;
        world.Job().Add("a.m4a", "audio").Write();
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase) { [place.Name] = place },
            Routes = [new Route { Number = 1, To = ["far:${jobId}"] }],
        };
        var run = Task.Run(() => world.RunAsync(cancellationToken: _stop.Token));
        asked ??= Task.Run(async () =>
        {
            while (!File.Exists(bin["asked"])) await Task.Yield();
        });
        if (await Task.WhenAny(run, asked) == run) Assert.Fail(string.Join("\n", await run));
        await _stop.CancelAsync();
        Assert.True(Assert.IsType<TransferEvent.Finished>((await run)[^1]).Result.Stopped);
    }

    private sealed class AnswersNobody(IDestination inner, DestinationCall step, CancellationTokenSource stop)
        : DestinationDecorator(inner)
    {
        protected override async ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken)
        {
            if (operation != step) return await call();
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return await call();
        }

        protected override ValueTask<T> AroundCopy<T>(
            DestinationCall operation, int bytes, Func<ValueTask<T>> call, CancellationToken cancellationToken) => call();
    }
}
