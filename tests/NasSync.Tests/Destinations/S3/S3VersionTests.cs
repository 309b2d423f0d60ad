using System.Xml.Linq;
using NasSync.Destinations.Contract;
using NasSync.Destinations.S3;
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
        await foreach (var result in new ContractRunner(TimeProvider.System).RunAsync(place.Destination, cases, default))
            Assert.NotEqual(ContractOutcome.Failed, result.Outcome);

        Assert.Empty(await VersionsAsync(place));
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task What_a_killed_probe_left_goes_with_all_of_its_versions()
    {
        await using var place = await MakeVersionedAsync();
        const string Key = "artifacts/.nassync-probe-0123456789abcdef0123456789abcdef";
        for (var i = 0; i < 2; i++) await place.Raw.PutObjectAsync(new() { BucketName = place.Bucket, Key = Key, ContentBody = "x" });
        await place.Raw.DeleteObjectAsync(place.Bucket, Key);
        place.Uploads.Remember(new(Key, "probe", PendingUpload.NotNamedYet));
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
            var put = new Amazon.S3.Model.PutObjectRequest
            {
                BucketName = place.Bucket,
                Key = "artifacts/.0123456789abcdef0123456789abcdef.nassync-part",
                ContentBody = "x",
                UseChunkEncoding = false,
            };
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

    [Theory]
    [InlineData("; former versions are kept", false, false)]
    [InlineData("; former versions are kept, also those of what NasSync tries there, since the key lacks s3:ListBucketVersions", true, false)]
    [InlineData("; former versions are kept, also those of what NasSync tries there, since the key lacks s3:DeleteObjectVersion", false, true)]
    [InlineData(
        "; former versions are kept, also those of what NasSync tries there, since the key lacks s3:ListBucketVersions and s3:DeleteObjectVersion",
        true,
        true)]
    public async Task The_probe_tells_which_rights_a_key_lacks_to_leave_no_version(string told, bool mayNotList, bool mayNotDelete)
    {
        await using var server = await ScriptedS3.StartAsync();
        foreach (var mayAsk in (bool[])[true, false])
        {
            server.Script = request => KeepVersionsAsync(request, mayAsk, mayNotList, mayNotDelete);
            await using var place = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 });
            Assert.EndsWith(told, (await place.ProbeAsync(default)).Server, StringComparison.Ordinal);
            Assert.Empty(server.Objects);
        }
    }

    [Fact]
    public async Task What_was_staged_goes_also_where_versions_may_not_be_removed()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 });
        server.Script = request => KeepVersionsAsync(request, mayAsk: true, mayNotList: true, mayNotDelete: true);
        await WriteAsync(destination, Request("x", 10, verify: VerifyLevel.Readback), Bytes(10));
        var stood = (await destination.StatAsync(RelativePath.Parse("x"), default))!.Value;
        await WriteAsync(destination, Request("x", 10, stood, VerifyLevel.Readback, "two"), Bytes(10, seed: 2));
        Assert.Equal("x", Assert.Single(server.Objects).Key);
    }

    // What a bucket with versions says to a key that has not every right in it.
    private static async Task<bool> KeepVersionsAsync(ScriptedS3.Request request, bool mayAsk, bool mayNotList, bool mayNotDelete)
    {
        switch (request.Kind)
        {
            case "Put":
                request.Response.Headers["x-amz-version-id"] = Guid.NewGuid().ToString("N");
                return false;
            case "Delete" when mayNotDelete && request.Query("versionId") is not null:
            case "List" when mayNotList && request.Query("versions") is not null:
            case "List" when !mayAsk && request.Query("versioning") is not null:
                await request.FailAsync(403, "AccessDenied");
                return true;
            case "List" when request.Query("versions") is not null:
                await request.XmlAsync(new XElement("ListVersionsResult", new XElement("IsTruncated", "false")));
                return true;
            case "List" when request.Query("versioning") is not null:
                await request.XmlAsync(new XElement("VersioningConfiguration", new XElement("Status", "Enabled")));
                return true;
            case "List" when request.Query("object-lock") is not null:
                await request.FailAsync(404, "ObjectLockConfigurationNotFoundError");
                return true;
            default:
                return false;
        }
    }

    private static async Task<CephPlace> MakeVersionedAsync()
    {
        var place = await MakeAsync();
        await place.Raw.PutBucketVersioningAsync(
            new() { BucketName = place.Bucket, VersioningConfig = new() { Status = Amazon.S3.VersionStatus.Enabled } });
        return place;
    }

    private static async Task<string[]> VersionsAsync(CephPlace place) =>
        [.. ((await place.Raw.ListVersionsAsync(new Amazon.S3.Model.ListVersionsRequest { BucketName = place.Bucket })).Versions ?? [])
            .Select(one => one.Key)
            .Order(StringComparer.Ordinal)];
}
