using NasSync.Config;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

public sealed class S3FailureTests
{
    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task A_missing_bucket_is_named_and_never_made()
    {
        var server = await CephServer.GetAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "nowhere"), Keys, options: Small);
        await FailsAsync(FailureClass.Config, "BucketMissing", () => destination.ProbeAsync(default).AsTask());
        await FailsAsync(FailureClass.Config, "BucketMissing", () => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());
        await FailsAsync(FailureClass.Config, "BucketMissing", () => WriteAsync(destination, Request("x", 1), [1]));
        var failure = await FailsAsync(FailureClass.Config, "BucketMissing", async () =>
        {
            await foreach (var _ in destination.ListAsync(null, default))
            {
            }
        });
        Assert.Contains("s3://nowhere/", failure.Message);
        Assert.Contains("Create the bucket", failure.Hint);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Wrong_keys_are_told_apart_and_never_shown()
    {
        await using var place = await MakeAsync();
        await FailsWithAsync("SecretKeyWrong", new() { ["TEST_ID"] = CephServer.AccessKey, ["TEST_SECRET"] = "canary-4711" });
        await FailsWithAsync("AccessKeyUnknown", new() { ["TEST_ID"] = "NOBODY", ["TEST_SECRET"] = "canary-4711" });

        async Task FailsWithAsync(string code, Dictionary<string, string> keys)
        {
            await using var destination = new S3Destination(place.Config, keys, options: Small);

            // The look is a HEAD, whose refusal has no body.
            foreach (var ask in (Func<Task>[])[
                () => destination.StatAsync(RelativePath.Parse("x"), default).AsTask(),
                () => destination.ProbeAsync(default).AsTask(),
            ])
            {
                var error = await Assert.ThrowsAsync<FailureException>(ask);
                Assert.Equal((FailureClass.Auth, code), (error.Failure.Class, error.Failure.Code));
                Assert.DoesNotContain("canary", error.ToString() + error.Failure.Hint);
            }
        }
    }

    [Theory]
    [InlineData("SignatureDoesNotMatch", FailureClass.Auth, "SecretKeyWrong")]
    [InlineData("InvalidAccessKeyId", FailureClass.Auth, "AccessKeyUnknown")]
    [InlineData("AccessDenied", FailureClass.Permission, "AccessDenied")]
    [InlineData("NoSuchBucket", FailureClass.Permission, "AccessDenied")]
    [InlineData(null, FailureClass.Permission, "AccessDenied")]
    public async Task A_refusal_without_a_body_is_asked_about_once(string? answer, FailureClass expected, string code)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 0 });
        server.Script = async request =>
        {
            if (request.Kind == "List" && answer is null) return false;
            await request.FailAsync(403, answer ?? "");
            return true;
        };
        var failure = await FailsAsync(expected, code, () => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());
        Assert.StartsWith("Cannot look at 's3://b/x'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["Head", "List"], server.Seen);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Keys_that_were_rotated_are_read_again()
    {
        await using var place = await MakeAsync();
        using var folder = new TempFolder();
        var config = place.Config with { SecretAccessKey = new SecretReference("file", folder.Write("secret", "old")) };
        await using var destination = new S3Destination(config, Keys, options: Small);
        await FailsAsync(FailureClass.Auth, "SecretKeyWrong", () => destination.ProbeAsync(default).AsTask());
        folder.Write("secret", CephServer.SecretKey + "\n");
        await destination.ProbeAsync(default);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task Another_user_s_bucket_is_a_matter_of_permission()
    {
        await using var place = await MakeAsync();
        await place.Raw.PutBucketPolicyAsync(place.Bucket, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{{place.Bucket}}/*"}]}
            """);
        await FailsAsync(FailureClass.Permission, "AccessDenied", () => place.Destination.ProbeAsync(default).AsTask());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        var port = OwnPort.Next();
        await using var destination = new S3Destination(
            Describe(new Uri($"http://127.0.0.1:{port}"), "b"), Keys, options: Small with { Retries = 0 });
        var failure = await FailsAsync(
            FailureClass.Unavailable, "DestinationUnavailable", () => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());
        Assert.Equal(2, failure.Message.Split($"127.0.0.1:{port}").Length);
    }

    [Fact]
    public async Task A_secret_that_is_not_set_is_named_by_its_reference()
    {
        await using var destination = new S3Destination(
            Describe(new Uri("http://127.0.0.1:1"), "b"), new Dictionary<string, string>(), options: Small);
        var failure = await FailsAsync(FailureClass.Config, "SecretUnset", () => destination.ProbeAsync(default).AsTask());
        Assert.Contains("TEST_ID", failure.Message);
    }

    [Fact]
    public async Task A_key_longer_than_S3_allows_is_refused_before_anything_is_sent()
    {
        await using var destination = new S3Destination(Describe(new Uri("http://127.0.0.1:1"), "b"), Keys, options: Small);
        await FailsAsync(
            FailureClass.Invalid, "NameTooLong", () => destination.StatAsync(RelativePath.Parse(new string('é', 513)), default).AsTask());
    }

    private static async Task<Failure> FailsAsync(FailureClass expected, string code, Func<Task> act)
    {
        var error = await Assert.ThrowsAsync<FailureException>(act);
        Assert.Equal((expected, code), (error.Failure.Class, error.Failure.Code));
        return error.Failure;
    }
}
