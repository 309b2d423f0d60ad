using System.Xml.Linq;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What a good server never does, and a bad day does.</summary>
public sealed class S3FaultTests
{
    private static readonly S3Options NoRetries = Small with { Retries = 0 };

    [Theory]
    [InlineData(503, "SlowDown", FailureClass.Throttled, "SlowDown")]
    [InlineData(429, "TooManyRequests", FailureClass.Throttled, "SlowDown")]
    [InlineData(503, "Nonsense", FailureClass.Throttled, "SlowDown")]
    [InlineData(500, "InternalError", FailureClass.Transient, "ServerError")]
    [InlineData(502, "BadGateway", FailureClass.Transient, "ServerError")]
    [InlineData(400, "RequestTimeout", FailureClass.Transient, "ServerError")]
    [InlineData(400, "ExpiredToken", FailureClass.Auth, "CredentialsExpired")]
    [InlineData(403, "InvalidAccessKeyId", FailureClass.Auth, "AccessKeyUnknown")]
    [InlineData(403, "SignatureDoesNotMatch", FailureClass.Auth, "SecretKeyWrong")]
    [InlineData(403, "RequestTimeTooSkewed", FailureClass.Config, "ClockSkewed")]
    [InlineData(403, "AccessDenied", FailureClass.Permission, "AccessDenied")]
    [InlineData(404, "NoSuchBucket", FailureClass.Config, "BucketMissing")]
    [InlineData(301, "PermanentRedirect", FailureClass.Config, "WrongRegion")]
    [InlineData(400, "AuthorizationHeaderMalformed", FailureClass.Config, "WrongRegion")]
    [InlineData(403, "QuotaExceeded", FailureClass.NoSpace, "NoSpace")]
    [InlineData(507, "XMinioStorageFull", FailureClass.NoSpace, "NoSpace")]
    [InlineData(400, "BadDigest", FailureClass.Transient, "CopyCorrupt")]
    public async Task Each_refusal_gets_its_class(int status, string answer, FailureClass expected, string code)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, !request.IsProbe && request.Kind == "Put", () =>
        {
            request.Response.Headers.RetryAfter = "7";
            return request.FailAsync(status, answer);
        });
        var failure = (await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 5), Bytes(5)))).Failure;
        Assert.Equal((expected, code, TimeSpan.FromSeconds(7)), (failure.Class, failure.Code, failure.RetryAfter));
        Assert.Contains("s3://b/x", failure.Message);
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task A_part_that_is_refused_once_is_sent_again()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server, Small);
        var refused = 0;
        server.Script = request =>
            Do(request, request.Kind == "Part" && Interlocked.Increment(ref refused) == 1, () => request.FailAsync(503, "SlowDown"));
        var bytes = Bytes(6 * MiB);
        await WriteAsync(destination, Request("x", bytes.Length), bytes);
        Assert.Equal(bytes, server.Objects["x"].Bytes);
    }

    [Fact]
    public async Task An_error_that_comes_as_success_is_an_error_and_the_parts_are_kept()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var bytes = Bytes(6 * MiB);
        server.Script = request => Do(request, request.Kind == "Complete", () => request.FailAsync(200, "InternalError"));
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", bytes.Length), bytes));
        Assert.Equal(FailureClass.Transient, error.Failure.Class);
        Assert.Empty(server.Objects);

        server.Script = _ => Task.FromResult(false);
        var parts = server.Seen.Count(kind => kind == "Part");
        await using var session = await destination.BeginWriteAsync(Request("x", bytes.Length), default);
        Assert.Equal(bytes.Length, session.ResumeAt);
        await session.CommitAsync(Sha256(bytes), default);
        Assert.Equal(bytes, server.Objects["x"].Bytes);
        Assert.Equal(parts, server.Seen.Count(kind => kind == "Part"));
    }

    [Theory]
    [InlineData("Put", 5)]
    [InlineData("Complete", 6 * MiB)]
    public async Task A_lost_answer_is_settled_by_looking(string kind, int size)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server, Small);
        var lost = 0;
        server.Script = async request =>
        {
            // Done, and nobody hears of it; the SDK's repetition is then refused (412, or NoSuchUpload).
            if (request.IsProbe || request.Kind != kind || Interlocked.Increment(ref lost) > 1) return false;
            request.Response.Body = Stream.Null;
            await request.ServeAsync();
            request.HangUp();
            return true;
        };
        var receipt = await WriteAsync(destination, Request("x", size), Bytes(size));
        Assert.Equal(VerifiedBy.ServerHash, receipt.VerifiedBy);
        Assert.Equal(Bytes(size), server.Objects["x"].Bytes);
        Assert.Equal(2, lost);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task A_part_with_another_tag_than_its_MD5_is_not_taken()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind == "Part", () =>
        {
            request.Response.Headers.ETag = "\"00000000000000000000000000000000\"";
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 6 * MiB), Bytes(6 * MiB)));
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(server.Objects);
        Assert.Empty(server.Uploads);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_object_with_another_tag_than_its_MD5_is_read_back(bool damaged)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = async request =>
        {
            if (request.IsProbe || request.Kind != "Put") return false;
            await request.ServeAsync();
            if (damaged) server.Objects["x"].Bytes[3] ^= 1;
            request.Response.Headers.ETag = "\"00000000000000000000000000000000\"";
            return true;
        };
        if (!damaged)
        {
            Assert.Equal(VerifiedBy.ReadBack, (await WriteAsync(destination, Request("x", 5), Bytes(5))).VerifiedBy);
            return;
        }

        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 5), Bytes(5)));
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task A_target_that_appears_while_the_parts_travel_is_kept()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind == "Complete", () => request.FailAsync(412, "PreconditionFailed"));
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 6 * MiB), Bytes(6 * MiB)));
        Assert.Equal((FailureClass.Conflict, "TargetChanged"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task A_server_without_conditions_is_asked_right_before()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.IsConditional, () => request.FailAsync(501, "NotImplemented"));
        Assert.False((await destination.ProbeAsync(default)).CreateOnly);
        await WriteAsync(destination, Request("x", 5), Bytes(5));
        await WriteAsync(destination, Request("y", 6 * MiB), Bytes(6 * MiB));
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 5, fingerprint: "two"), Bytes(5, seed: 2)));
        Assert.Equal(FailureClass.Conflict, error.Failure.Class);
        Assert.Equal(Bytes(5), server.Objects["x"].Bytes);
    }

    // Some gateways answer what they took without a tag, and show it with one.
    [Fact]
    public async Task A_server_that_answers_a_write_without_a_tag_is_looked_at()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = async request =>
        {
            if (request.Kind is not ("Put" or "Part")) return false;
            await request.ServeAsync();
            if (!request.Response.HasStarted) request.Response.Headers.Remove("ETag");
            return true;
        };
        Assert.Equal("md5", (await destination.ProbeAsync(default)).ServerHash);
        await WriteAsync(destination, Request("x", 5), Bytes(5));
        await WriteAsync(destination, Request("y", 6 * MiB), Bytes(6 * MiB));
        Assert.Equal(["x", "y"], server.Objects.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Bytes(6 * MiB), server.Objects["y"].Bytes);
    }

    [Fact]
    public async Task A_server_that_shows_something_else_than_was_written_is_none_of_S3()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind is "Put" or "Head", () =>
        {
            if (request.Kind == "Head") request.Response.Headers.ETag = "\"page\"";
            return request.XmlAsync(new("html"));
        });
        var error = await Assert.ThrowsAsync<FailureException>(() => destination.ProbeAsync(default).AsTask());
        Assert.Equal((FailureClass.Unavailable, "WrongServer"), (error.Failure.Class, error.Failure.Code));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_server_that_nobody_named()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var stranger = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, true, () =>
        {
            request.Response.Headers.Location = new Uri(stranger.Endpoint, "/b/x").AbsoluteUri;
            return request.FailAsync(307, "TemporaryRedirect");
        });
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 5), Bytes(5)));
        Assert.True(error.Failure is { Class: FailureClass.Config, Code: "Redirected" }, error.ToString());
        Assert.Empty(stranger.Seen);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server, NoRetries with { IdleTimeout = TimeSpan.FromMilliseconds(200) });
        var never = new TaskCompletionSource();
        server.Script = request => Do(request, request.Kind == "Head", () => never.Task);
        var error = await Assert.ThrowsAsync<FailureException>(() => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());
        Assert.Equal(FailureClass.Transient, error.Failure.Class);
        never.SetResult();
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind == "Head", () =>
        {
            request.HangUp();
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<FailureException>(() => destination.StatAsync(RelativePath.Parse("x"), default).AsTask());
        Assert.Equal((FailureClass.Transient, "ConnectionLost"), (error.Failure.Class, error.Failure.Code));
    }

    // A network that wants a login, a proxy: the server was asked before, and what answers now is another.
    [Theory]
    [InlineData("Put", 100)]
    [InlineData("Begin", 2 << 20)]
    public async Task A_web_page_in_answer_to_a_write_is_no_copy(string kind, int size)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        await destination.ProbeAsync(default);
        server.Script = request => Do(request, request.Kind == kind || request.Kind == "Head", () => request.XmlAsync(new("html")));
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", size), Bytes(size)));
        Assert.Equal((FailureClass.Unavailable, "WrongServer"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(server.Objects);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task An_answer_that_is_no_S3_is_no_crash()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind == "List", () => request.XmlAsync(new("html", "<&>")));
        var page = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var _ in destination.ListAsync(null, default)) Assert.Fail("nothing is there");
        });
        Assert.Equal((FailureClass.Unavailable, "WrongServer"), (page.Failure.Class, page.Failure.Code));
        server.Script = request => Do(
            request,
            request.Kind == "List",
            () => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(request.Response, "it's <late"));
        var error = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var _ in destination.ListAsync(null, default)) Assert.Fail("nothing is there");
        });
        Assert.Equal(FailureClass.Transient, error.Failure.Class);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x")]
    public async Task A_listing_that_goes_on_where_it_was_is_given_up(string? next)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request => Do(request, request.Kind == "List", () => request.XmlAsync(
            new("ListBucketResult", new XElement("IsTruncated", "true"), next is null ? null : new XElement("NextContinuationToken", next))));
        var error = await Assert.ThrowsAsync<FailureException>(async () =>
        {
            await foreach (var _ in destination.ListAsync(null, default)) Assert.Fail("nothing is there");
        });
        Assert.Equal((FailureClass.Transient, "AnswerUnreadable"), (error.Failure.Class, error.Failure.Code));
        Assert.InRange(server.Seen.Count(kind => kind == "List"), 1, 2);
    }

    [Fact]
    public async Task An_entry_without_a_name_is_no_file()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        server.Script = request =>
            Do(request, request.Kind == "List", () => request.XmlAsync(new("ListBucketResult", new XElement("Contents", new XElement("Size", 5)))));
        await foreach (var _ in destination.ListAsync(null, default)) Assert.Fail("nothing is there");
    }

    private static S3Destination Open(ScriptedS3 server, S3Options? options = null) =>
        new(Describe(server.Endpoint, "b"), Keys, options: options ?? NoRetries);

    private static async Task<bool> Do(ScriptedS3.Request request, bool when, Func<Task> act)
    {
        if (when) await act();
        return when && request.Kind.Length > 0;
    }
}
