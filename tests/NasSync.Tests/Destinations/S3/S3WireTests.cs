using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>Broken, hung and false connections; keys that change; servers that send elsewhere.</summary>
public sealed class S3WireTests
{
    private static readonly S3Options NoRetries = Small with { Retries = 0 };

    [Fact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_part_is_made_again()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small);
        var resets = 0;
        server.Early = async context =>
        {
            if (!context.Request.Query.ContainsKey("partNumber") || Interlocked.Increment(ref resets) != 1) return false;
            await context.Request.Body.ReadExactlyAsync(new byte[100_000]);
            context.Abort();
            return true;
        };
        var bytes = Bytes(6 * MiB);
        Assert.Equal(VerifiedBy.ServerHash, (await WriteAsync(destination, Request("x", bytes.Length), bytes)).VerifiedBy);
        Assert.Equal(bytes, server.Objects["x"].Bytes);
        Assert.True(resets > 1);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_an_object_is_no_end_of_it()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        server.Script = async request =>
        {
            if (request.Kind != "Get") return false;
            request.Response.ContentLength = 1000;
            await request.Response.Body.WriteAsync(new byte[100]);
            await request.Response.Body.FlushAsync();
            request.HangUp();
            return true;
        };
        await FailsAsync(FailureClass.Transient, "ConnectionLost", () => destination.HashAsync(RelativePath.Parse("x"), default).AsTask());
    }

    [Fact]
    public async Task An_object_that_is_missing_for_the_moment_of_its_replacement_is_read_all_the_same()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        var bytes = Bytes(1000);
        await WriteAsync(destination, Request("x", bytes.Length), bytes);
        var reads = 0;
        server.Script = async request =>
        {
            if (request.Kind != "Get" || ++reads > 1) return false;
            await request.FailAsync(404, "NoSuchKey");
            return true;
        };
        Assert.Equal(Sha256(bytes), (await destination.HashAsync(RelativePath.Parse("x"), default))?.Sha256);
    }

    [Theory]
    [InlineData("no answer")]
    [InlineData("body not taken")]
    [InlineData("answer stops")]
    public async Task A_server_that_moves_no_byte_for_thirty_seconds_is_given_up(string how)
    {
        var time = new ManualTime();
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries, time: time);
        await destination.ProbeAsync(default);
        var reached = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        server.Early = async context =>
        {
            if (how == "answer stops")
            {
                context.Response.StatusCode = 206;
                context.Response.ContentLength = 1000;
                await context.Response.Body.WriteAsync(new byte[100]);
                await context.Response.Body.FlushAsync();
            }

            reached.TrySetResult();
            await never.Task;
            return true;
        };

        // A body far larger than what the two systems hold for each other.
        var bytes = Bytes(15 * MiB);
        using var big = new S3Bucket(Describe(server.Endpoint, "b"), Keys, NoRetries, time);
        Task call = how == "body not taken"
            ? big.CallAsync("write", "x", (client, token) => client.PutObjectAsync(
                new() { BucketName = big.Name, Key = "x", InputStream = new MemoryStream(bytes), UseChunkEncoding = false },
                token), default)
            : how == "answer stops" ? destination.HashAsync(RelativePath.Parse("x"), default).AsTask()
            : destination.StatAsync(RelativePath.Parse("x"), default).AsTask();
        await reached.Task;
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            await Task.Yield();
        }

        var failure = await FailsAsync(FailureClass.Transient, "ConnectionLost", () => call);
        Assert.True(failure.Message.Contains("for 30 s", StringComparison.Ordinal), failure.Message);
        never.SetResult();
    }

    [Fact]
    public async Task An_answer_without_end_is_broken_off()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        server.Script = async request =>
        {
            if (request.Kind != "List") return false;
            await request.Response.Body.WriteAsync("<ListBucketResult>"u8.ToArray());
            for (var i = 0; i < 20; i++) await request.Response.Body.WriteAsync(new byte[MiB].Select(_ => (byte)' ').ToArray());
            await request.Response.Body.WriteAsync("</ListBucketResult>"u8.ToArray());
            return true;
        };
        var failure = await FailsAsync(FailureClass.Transient, "ConnectionLost", async () =>
        {
            await foreach (var _ in destination.ListAsync(null, default)) Assert.Fail("nothing is there");
        });
        Assert.Contains("more than", failure.Message);
    }

    [Theory]
    [InlineData(-1, "the certificate has expired")]
    [InlineData(300, "nobody vouches for the certificate")]
    public async Task A_certificate_that_is_not_valid_ends_it_before_anything_is_sent(int days, string why)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddDays(days));
        await using var server = await ScriptedS3.StartAsync(certificate);
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small);
        var failure = await FailsAsync(FailureClass.Config, "TlsRefused", () => WriteAsync(destination, Request("x", 5), Bytes(5)));
        Assert.True(failure.Hint.Contains("certificate", StringComparison.Ordinal), why);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData(null, "https://bucket.s3.eu-west-1.amazonaws.com/x", false)]
    [InlineData(null, "http://bucket.s3.eu-west-1.amazonaws.com/x", true)]
    [InlineData(null, "https://evil.example/x", true)]
    [InlineData(null, "https://notamazonaws.com/x", true)]
    [InlineData("https://nas.example", "https://evil.example/x", true)]
    [InlineData("https://nas.example", "http://nas.example/x", true)]
    public async Task A_redirect_leads_nowhere_but_to_another_region_of_Amazon(string? endpoint, string location, bool refused)
    {
        using var inner = new Redirecting(new Uri(location));
        using var pace = new S3Pace(4, TimeProvider.System);
        using var client = new HttpClient(
            new S3Wire(inner, endpoint is null ? null : new Uri(endpoint), pace, TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger.Instance));
        using var request = new HttpRequestMessage(HttpMethod.Put, (endpoint ?? "https://bucket.s3.amazonaws.com") + "/x");
        if (refused) Assert.Equal("Redirected", (await Assert.ThrowsAsync<FailureException>(() => client.SendAsync(request))).Failure.Code);
        else Assert.Equal(HttpStatusCode.TemporaryRedirect, (await client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_region_that_a_server_names_is_told_also_when_its_answer_has_no_body()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small);
        server.Script = async request =>
        {
            request.Response.Headers["x-amz-bucket-region"] = "eu-west-3";
            await request.FailAsync(301, "PermanentRedirect");
            return true;
        };
        foreach (var act in (Func<Task>[])[
            () => destination.StatAsync(RelativePath.Parse("x"), default).AsTask(),
            () => destination.DeleteAsync(RelativePath.Parse("x"), default).AsTask(),
        ])
        {
            var failure = await FailsAsync(FailureClass.Config, "WrongRegion", act);
            Assert.Contains("'eu-west-3'", failure.Message);
        }
    }

    [Fact]
    public async Task Keys_that_expire_between_parts_are_read_again_once_and_the_upload_goes_on()
    {
        using var folder = new TempFolder();
        await using var server = await ScriptedS3.StartAsync();
        var config = Describe(server.Endpoint, "b") with { AccessKeyId = new SecretReference("file", folder.Write("id", "OLD")) };
        await using var destination = new S3Destination(config, Keys, options: NoRetries);
        var renewal = new Lock();
        var renewed = false;
        server.Script = async request =>
        {
            if (request is not { Kind: "Part", AccessKey: "OLD" }) return false;

            // Parts come side by side: none is refused before the new key is there.
            lock (renewal)
            {
                // As a careful admin does it: never half a file.
                if (!renewed) folder.Write("new", "NEW");
                if (!renewed) File.Move(folder["new"], folder["id"], overwrite: true);
                renewed = true;
            }

            await request.FailAsync(400, "ExpiredToken");
            return true;
        };
        var bytes = Bytes(22 * MiB);
        await WriteAsync(destination, Request("x", bytes.Length), bytes);
        Assert.Equal(bytes, server.Objects["x"].Bytes);
        Assert.Single(server.Seen, "Begin");
    }

    [Fact]
    public async Task Keys_that_expire_are_read_again_also_when_the_answer_has_no_body()
    {
        using var folder = new TempFolder();
        await using var server = await ScriptedS3.StartAsync();
        var config = Describe(server.Endpoint, "b") with { AccessKeyId = new SecretReference("file", folder.Write("id", "OLD")) };
        await using var destination = new S3Destination(config, Keys, options: NoRetries);
        server.Script = async request =>
        {
            if (request is not { Kind: "Head", AccessKey: "OLD" }) return false;
            folder.Write("id", "NEW");
            await request.FailAsync(403, "ExpiredToken");
            return true;
        };
        Assert.Null(await destination.StatAsync(RelativePath.Parse("x"), default));
    }

    [Fact]
    public async Task Keys_that_stay_refused_are_not_tried_for_ever()
    {
        using var folder = new TempFolder();
        await using var server = await ScriptedS3.StartAsync();
        var config = Describe(server.Endpoint, "b") with { AccessKeyId = new SecretReference("file", folder.Write("id", "0")) };
        await using var destination = new S3Destination(config, Keys, options: NoRetries);
        var asked = 0;
        server.Script = async request =>
        {
            folder.Write("id", $"{++asked}");
            await request.FailAsync(400, "ExpiredToken");
            return true;
        };
        await FailsAsync(FailureClass.Auth, "CredentialsExpired", () => destination.DeleteAsync(RelativePath.Parse("x"), default).AsTask());
        Assert.Equal(2, asked);
    }

    private static async Task<Failure> FailsAsync(FailureClass expected, string code, Func<Task> act)
    {
        var failure = (await Assert.ThrowsAsync<FailureException>(act)).Failure;
        Assert.Equal((expected, code), (failure.Class, failure.Code));
        return failure;
    }

    private sealed class Redirecting(Uri location) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Headers = { Location = location } });
    }
}
