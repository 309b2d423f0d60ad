using NasSync.Config;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Verifying;

/// <summary>Verification and repair at real servers.</summary>
public sealed class ServerTests
{
    private const int MiB = 1 << 20;

    [RequiresFact("linux", SshServer.Program)]
    public async Task At_an_SSH_host_each_kind_of_loss_is_told_apart_and_repaired()
    {
        await using var ssh = await SshServer.StartAsync();
        using var world = World(new() { ["studio"] = ssh.Config() }, "studio:media/${jobId}");
        var at = Path.Combine(ssh.Root, "media/job_1");
        await SyncAsync(world);
        File.Delete(Path.Combine(at, "missing.m4a"));
        Verified.Rot(Path.Combine(at, "damaged.wav"), at: 2 * MiB);
        File.WriteAllText(Path.Combine(at, "drifted.m4a"), "somebody's own");
        File.SetLastWriteTimeUtc(Path.Combine(at, "touched.m4a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var before = Verified.Tree(ssh.Root);
        var findings = (await world.VerifyAsync()).Findings.ToDictionary(finding => finding.Artifact);
        Assert.Equal(before, Verified.Tree(ssh.Root));
        AssertStates(findings);
        Assert.Equal(VerifiedBy.ServerHash, findings["damaged.wav"].VerifiedBy);
        await RepairAsync(world);
        Assert.Equal("somebody's own", File.ReadAllText(Path.Combine(at, "drifted.m4a")));
        Assert.True(File.Exists(Path.Combine(at, "drifted (job_1).m4a")));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task At_an_SSH_host_an_empty_folder_where_the_volume_was_says_nothing_of_the_copies()
    {
        await using var ssh = await SshServer.StartAsync();
        using var world = World(new() { ["studio"] = ssh.Config() }, "studio:media/${jobId}");
        await SyncAsync(world);
        Directory.Move(Path.Combine(ssh.Root, "media"), ssh.Root + "-unmounted");
        var (findings, result) = await world.VerifyAsync();
        Assert.All(findings, finding => Assert.Equal((CopyState.Unreachable, "PlaceUnproven"), (finding.State, finding.Failure?.Code)));
        Assert.Equal(ExitCode.DestinationUnavailable, result.ExitCode);
        Assert.Empty((await world.PlanAsync()).Entries);

        // One folder of many is another matter: the others show that the place is there.
        Directory.Move(ssh.Root + "-unmounted", Path.Combine(ssh.Root, "media"));
        Directory.Delete(Path.Combine(ssh.Root, "media/job_1"), recursive: true);
        Assert.All((await world.VerifyAsync()).Findings, finding => Assert.Equal(CopyState.Missing, finding.State));
    }

    [RequiresFact("linux", SshServer.Program)]
    public async Task An_SSH_host_that_is_gone_or_was_moved_in_the_configuration_is_unreachable()
    {
        var ssh = await SshServer.StartAsync();
        using var world = World(new() { ["studio"] = ssh.Config() }, "studio:media/${jobId}");
        await SyncAsync(world);
        world.Config = world.Config with
        {
            Destinations = new Dictionary<string, DestinationConfig> { ["studio"] = ssh.Config(Path.Combine(ssh.Root, "elsewhere")) },
        };
        Assert.All(
            (await world.VerifyAsync()).Findings,
            finding => Assert.Equal((CopyState.Unreachable, "DestinationMoved"), (finding.State, finding.Failure?.Code)));
        world.Config = world.Config with { Destinations = new Dictionary<string, DestinationConfig> { ["studio"] = ssh.Config() } };
        await ssh.DisposeAsync();
        Assert.All((await world.VerifyAsync()).Findings, finding => Assert.Equal(CopyState.Unreachable, finding.State));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task In_a_bucket_each_kind_of_loss_is_told_apart_and_repaired()
    {
        await using var bucket = await CephPlace.MakeAsync();
        using var world = World(new() { ["cloud"] = bucket.Config }, "cloud:audio/${jobId}");
        await SyncAsync(world);
        var was = await bucket.Raw.GetObjectMetadataAsync(bucket.Bucket, "artifacts/audio/job_1/damaged.wav");
        await bucket.Raw.DeleteObjectAsync(bucket.Bucket, "artifacts/audio/job_1/missing.m4a");
        await PutAsync(bucket, "drifted.m4a", "somebody's own"u8.ToArray(), null);
        await PutAsync(bucket, "touched.m4a", System.Text.Encoding.UTF8.GetBytes("job_1/touched.m4a"), null);
        await PutAsync(bucket, "damaged.wav", new byte[3 * MiB], was.Metadata["mtime"]);

        var findings = (await world.VerifyAsync()).Findings.ToDictionary(finding => finding.Artifact);
        AssertStates(findings);
        Assert.Equal(VerifiedBy.ReadBack, findings["damaged.wav"].VerifiedBy);
        await RepairAsync(world);
        Assert.Equal("somebody's own"u8.ToArray(), await bucket.ReadAsync("artifacts/audio/job_1/drifted.m4a"));
    }

    [RequiresFact("rsync")]
    public async Task By_rsync_each_kind_of_loss_is_told_apart_and_the_work_folder_is_not_written_to()
    {
        using var folder = new TempFolder();
        using var world = World(new() { ["vault"] = new RsyncDestinationConfig { Name = "vault", Target = folder.Path } }, "vault:media/${jobId}");
        await SyncAsync(world);
        var at = folder["media/job_1"];
        File.Delete(Path.Combine(at, "missing.m4a"));
        Verified.Rot(Path.Combine(at, "damaged.wav"), at: 2 * MiB);
        File.WriteAllText(Path.Combine(at, "drifted.m4a"), "somebody's own");
        File.SetLastWriteTimeUtc(Path.Combine(at, "touched.m4a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var (there, here) = (Verified.Tree(folder.Path), Verified.Tree(world.Root));
        var findings = (await world.VerifyAsync()).Findings.ToDictionary(finding => finding.Artifact);
        Assert.Equal(there, Verified.Tree(folder.Path));
        Assert.Equal(here, Verified.Tree(world.Root));
        AssertStates(findings);
        await RepairAsync(world);
    }

    private static SyncWorld World(Dictionary<string, DestinationConfig> destinations, string to)
    {
        var world = new SyncWorld { Variables = CephPlace.Keys };
        world.Config = world.Config with { Destinations = new Dictionary<string, DestinationConfig>(destinations, StringComparer.OrdinalIgnoreCase) };
        world.Route = new Route { Number = 1, To = [to] };
        return world;
    }

    private static async Task SyncAsync(SyncWorld world)
    {
        world.Job().Add("damaged.wav", "audio", content: CephPlace.Bytes(3 * MiB)).Add("drifted.m4a", "audio").Add("intact.m4a", "audio")
            .Add("missing.m4a", "audio").Add("touched.m4a", "audio").Write();
        Assert.Equal((5, 0), ((await world.SyncAsync()) is var result ? result.Committed : 0, result.Failed));
    }

    private static void AssertStates(Dictionary<string, CopyFinding> findings) => Assert.Equal(
        [CopyState.Damaged, CopyState.Drifted, CopyState.Intact, CopyState.Missing, CopyState.Touched],
        new[] { "damaged.wav", "drifted.m4a", "intact.m4a", "missing.m4a", "touched.m4a" }.Select(artifact => findings[artifact].State));

    private static async Task RepairAsync(SyncWorld world)
    {
        var events = await world.RepairAsync();
        Assert.Empty(events.OfType<TransferEvent.Failed>().Select(failed => failed.Failure.ToString()));
        Assert.Equal(
            ["damaged.wav", "drifted.m4a", "missing.m4a"],
            events.OfType<TransferEvent.Committed>().Select(one => one.Item.Artifact.Path).Order());
        Assert.All((await world.VerifyAsync()).Findings, finding => Assert.Contains(finding.State, new[] { CopyState.Intact, CopyState.Touched }));
        Assert.Equal(5, (await world.SyncAsync()).Unchanged);
    }

    private static async Task PutAsync(CephPlace bucket, string name, byte[] content, string? mtime)
    {
        var request = new Amazon.S3.Model.PutObjectRequest
        {
            BucketName = bucket.Bucket,
            Key = $"artifacts/audio/job_1/{name}",
            InputStream = new MemoryStream(content),
        };
        if (mtime is not null) request.Metadata.Add("mtime", mtime);
        await bucket.Raw.PutObjectAsync(request);
    }
}
