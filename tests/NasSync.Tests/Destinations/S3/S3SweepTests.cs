using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What earlier runs left is removed after seven days, and nothing else.</summary>
public sealed class S3SweepTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7.1);

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Only_our_own_uploads_are_ended_and_only_after_seven_days()
    {
        await using var place = await MakeAsync();
        await BreakOffAsync(place);
        await place.Raw.InitiateMultipartUploadAsync(place.Bucket, "artifacts/a stranger's");
        Assert.Equal((0, 0), await place.SweepAsync(TimeSpan.FromDays(6.9)));
        Assert.Equal((1, 0), await place.SweepAsync(Week));
        Assert.Equal(["artifacts/a stranger's"], await place.UploadsAsync());
        Assert.Empty(place.Uploads.All());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Only_temporary_objects_with_our_mark_are_removed_and_only_after_seven_days()
    {
        await using var place = await MakeAsync();
        const string Ours = "artifacts/.0123456789abcdef0123456789abcdef.nassync-part";
        const string Probe = "artifacts/.nassync-probe-0123456789abcdef0123456789abcdef";
        const string Strange = "artifacts/.fedcba9876543210fedcba9876543210.nassync-part";
        const string StrangeProbe = "artifacts/.nassync-probe-fedcba9876543210fedcba9876543210";
        const string Finished = "artifacts/.ffffffffffffffffffffffffffffffff.nassync-part";
        foreach (var key in (string[])[
            Ours, Strange, Probe, StrangeProbe, Finished, "artifacts/.nassync-probe-x", "artifacts/.x.nassync-part",
            "artifacts/f/.0123456789abcdef0123456789abcdef.nassync-part", "other/x",
        ])
        {
            var put = new Amazon.S3.Model.PutObjectRequest { BucketName = place.Bucket, Key = key, ContentBody = "x", UseChunkEncoding = false };
            if (key is not (Strange or StrangeProbe)) put.Metadata["nassync-id"] = key == Probe ? S3Sweep.ProbePrefix : "1";
            if (key is not (Strange or StrangeProbe or Finished)) put.Metadata["nassync-temporary"] = "1";
            await place.Raw.PutObjectAsync(put);
        }

        Assert.Equal((0, 0), await place.SweepAsync(TimeSpan.FromDays(6.9)));
        Assert.Equal((0, 2), await place.SweepAsync(Week));
        var left = (await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket })).S3Objects.Select(one => one.Key).ToList();
        Assert.Equal(7, left.Count);
        Assert.DoesNotContain(Ours, left);
        Assert.DoesNotContain(Probe, left);
    }

    [Fact]
    public async Task A_probe_that_was_killed_leaves_only_what_a_sweep_knows_again()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using (var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 }))
        {
            server.Script = async request =>
            {
                if (request.Kind != "Delete") return false;
                await request.FailAsync(403, "AccessDenied");
                return true;
            };
            await destination.ProbeAsync(default);
        }

        var (key, left) = Assert.Single(server.Objects);
        Assert.True(S3Sweep.IsOurName(key));
        Assert.Contains("x-amz-meta-nassync-id", left.Metadata.Keys);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_run_that_copies_sweeps_and_keeps_what_it_works_on_itself()
    {
        await using var place = await MakeAsync();
        await BreakOffAsync(place, "abandoned");
        await BreakOffAsync(place, "resumed");
        var later = new ManualTime(TimeProvider.System.GetUtcNow() + Week);
        var bytes = Bytes(11 * MiB);
        await using (var next = place.Open(time: later))
        {
            await using var session = await next.BeginWriteAsync(Request("resumed", bytes.Length), default);
            Assert.Equal(5 * MiB, session.ResumeAt);
            while ((await place.UploadsAsync()).Contains("artifacts/abandoned")) await Task.Yield();
            await FeedAsync(session, bytes, 5 * MiB, bytes.Length);
            await session.CommitAsync(Sha256(bytes), default);
        }

        Assert.Equal(bytes, await place.ReadAsync("artifacts/resumed"));
        Assert.Empty(await place.UploadsAsync());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task An_upload_that_the_server_has_dropped_is_forgotten()
    {
        await using var place = await MakeAsync();
        place.Uploads.Remember(new PendingUpload("artifacts/big", "one", "2~nobodyknowsit"));
        place.Uploads.Remember(new PendingUpload("elsewhere/big", "one", "2~nobodyknowsiteither"));
        Assert.Equal((0, 0), await place.SweepAsync(TimeSpan.Zero));
        Assert.Equal("elsewhere/big", Assert.Single(place.Uploads.All()).Key);
    }

    [Fact]
    public async Task A_sweep_that_fails_does_not_concern_the_run()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using (var destination = new S3Destination(
            Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 }, time: new ManualTime()))
        {
            server.Script = async request =>
            {
                if (request.Kind != "List") return false;
                await request.FailAsync(500, "InternalError");
                return true;
            };
            await WriteAsync(destination, Request("x", 5), Bytes(5));
            await WriteAsync(destination, Request("y", 5), Bytes(5));
        }

        Assert.Single(server.Seen, "List");
    }

    private static async Task BreakOffAsync(CephPlace place, string name = "big")
    {
        // With one part on its way at a time, the second is begun only when the answer for the first has come.
        await using var destination = place.Open(Small with { PartsInFlight = 1 });
        await using var session = await destination.BeginWriteAsync(Request(name, 11 * MiB), default);
        await FeedAsync(session, Bytes(11 * MiB), 0, 6 * MiB);
    }
}
