using NasSync.Config;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Transfers;

/// <summary>One artifact to three kinds of place, by the whole engine, against real servers.</summary>
public sealed class FanOutTests
{
    [RequiresFact(SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task An_artifact_goes_to_a_folder_an_SSH_host_and_a_bucket_and_each_copy_has_its_own_proof()
    {
        await using var ssh = await SshServer.StartAsync();
        await using var bucket = await CephPlace.MakeAsync();
        using var world = World(ssh, bucket);
        var content = CephPlace.Bytes(20 * CephPlace.MiB + 3);
        world.Job().Add("a b.wav", "audio", content: content, declare: true).Add("small.m4a", "audio").Write();

        var events = await world.RunAsync();
        Assert.Empty(events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.ToString()));
        var copies = world.Recorded();
        Assert.Equal(6, copies.Count);
        Assert.All(copies.Where(copy => copy.Artifact == "a b.wav"), copy => Assert.Equal(CephPlace.Sha256(content), copy.Receipt.Sha256));
        Assert.All(copies, copy => Assert.True(copy.Receipt.VerifiedBy > VerifiedBy.SizeOnly, copy.ToString()));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(world.Nas, "job_1/a b.wav")));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(ssh.Root, "media/job_1/a b.wav")));
        Assert.Equal(content, await bucket.ReadAsync("artifacts/audio/job_1/a b.wav"));

        var again = await world.SyncAsync();
        Assert.Equal((6, 0, 0), (again.Unchanged, again.Committed, again.Failed));
    }

    [RequiresFact(SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_lost_ledger_is_made_again_from_what_the_servers_hold()
    {
        await using var ssh = await SshServer.StartAsync();
        await using var bucket = await CephPlace.MakeAsync();
        using var world = World(ssh, bucket);
        world.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Add("c.m4a", "audio").Write();
        await world.SyncAsync();
        Directory.Delete(world.Config.WorkDir, recursive: true);
        var result = await world.SyncAsync();
        Assert.Equal((0, 9, 0), (result.Committed, result.AlreadyPresent, result.Failed));
    }

    [RequiresFact(SshServer.Program)]
    public async Task A_host_that_is_gone_keeps_no_other_place_from_its_copies()
    {
        var ssh = await SshServer.StartAsync();
        using var world = World(ssh, null);
        await ssh.DisposeAsync();
        for (var i = 0; i < 20; i++) world.Job($"job_{i}").Add("a.m4a", "audio").Write();
        var result = await world.SyncAsync();
        Assert.Equal((20, 20, ExitCode.DestinationUnavailable), (result.Committed, result.Failed, result.ExitCode));
        Assert.Equal(20, world.NasFiles().Count);
    }

    private static SyncWorld World(SshServer ssh, CephPlace? bucket)
    {
        var world = new SyncWorld { Variables = CephPlace.Keys };
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase)
        {
            ["studio"] = ssh.Config() with { Name = "studio" },
        };
        if (bucket is not null) destinations["cloud"] = bucket.Config with { Name = "cloud" };
        world.Config = world.Config with { Destinations = destinations };
        string[] to = ["${remoteRoots.nas}/${jobId}", "studio:media/${jobId}"];
        world.Route = new Route { Number = 1, To = bucket is null ? to : [.. to, "cloud:audio/${jobId}"] };
        return world;
    }
}
