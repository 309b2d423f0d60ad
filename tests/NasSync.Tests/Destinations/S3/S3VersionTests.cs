using NasSync.Destinations.Contract;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What stays in a bucket that keeps former versions.</summary>
public sealed class S3VersionTests
{
    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Two_runs_leave_no_version_of_ours_but_the_copies()
    {
        await using var place = await MakeVersionedAsync();
        await WriteAsync(place.Destination, Request("a.m4a", 10), Bytes(10));
        await using var next = place.Open();
        await WriteAsync(next, Request("b.m4a", 6 * MiB, verify: VerifyLevel.Readback), Bytes(6 * MiB));

        Assert.Equal(["artifacts/a.m4a", "artifacts/b.m4a"], await VersionsAsync(place));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_trial_of_the_contract_leaves_no_version()
    {
        await using var place = await MakeVersionedAsync();
        var cases = DestinationContract.Cases.Where(one => one.Group is "replace" or "delete" or "names").ToList();
        Assert.NotEmpty(cases);
        await foreach (var result in new ContractRunner(TimeProvider.System).RunAsync(place.Destination, cases, default)) Assert.NotEqual(ContractOutcome.Failed, result.Outcome);

        Assert.Empty(await VersionsAsync(place));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task What_a_killed_probe_left_goes_with_all_of_its_versions()
    {
        await using var place = await MakeVersionedAsync();
        const string Key = "artifacts/.nassync-probe-0123456789abcdef0123456789abcdef";
        for (var i = 0; i < 2; i++) await place.Raw.PutObjectAsync(new() { BucketName = place.Bucket, Key = Key, ContentBody = "x" });
        await place.Raw.DeleteObjectAsync(place.Bucket, Key);
        place.Uploads.Remember(new(Key, "probe", NasSync.Destinations.S3.PendingUpload.NotNamedYet));
        await place.Destination.ProbeAsync(default);

        Assert.Empty(await VersionsAsync(place));
        Assert.Empty(place.Uploads.All());
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task What_a_sweep_removes_goes_with_all_of_its_versions()
    {
        await using var place = await MakeVersionedAsync();
        for (var i = 0; i < 2; i++)
        {
            var put = new Amazon.S3.Model.PutObjectRequest { BucketName = place.Bucket, Key = "artifacts/.0123456789abcdef0123456789abcdef.nassync-part", ContentBody = "x", UseChunkEncoding = false };
            (put.Metadata["nassync-id"], put.Metadata["nassync-temporary"]) = ("1", "1");
            await place.Raw.PutObjectAsync(put);
        }

        Assert.Equal((0, 1), await place.SweepAsync(TimeSpan.FromDays(7.1)));
        Assert.Empty(await VersionsAsync(place));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_key_that_may_not_remove_versions_still_copies()
    {
        await using var place = await MakeVersionedAsync();
        await place.Raw.PutBucketPolicyAsync(new()
        {
            BucketName = place.Bucket,
            Policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:DeleteObjectVersion","s3:ListBucketVersions"],"Resource":["arn:aws:s3:::{{place.Bucket}}/*","arn:aws:s3:::{{place.Bucket}}"]}]}""",
        });
        await WriteAsync(place.Destination, Request("a.m4a", 10), Bytes(10));

        var visible = await place.Raw.ListObjectsV2Async(new() { BucketName = place.Bucket });
        Assert.Equal("artifacts/a.m4a", Assert.Single(visible.S3Objects).Key);
    }

    private static async Task<CephPlace> MakeVersionedAsync()
    {
        var place = await MakeAsync();
        await place.Raw.PutBucketVersioningAsync(new() { BucketName = place.Bucket, VersioningConfig = new() { Status = Amazon.S3.VersionStatus.Enabled } });
        return place;
    }

    private static async Task<string[]> VersionsAsync(CephPlace place) =>
        [.. ((await place.Raw.ListVersionsAsync(new Amazon.S3.Model.ListVersionsRequest { BucketName = place.Bucket })).Versions ?? []).Select(one => one.Key).Order(StringComparer.Ordinal)];
}
