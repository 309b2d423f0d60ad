using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>No receipt without proof, and no object lost for one.</summary>
public sealed class S3ProofTests
{
    private const int Large = 12 * MiB;
    private static readonly S3Options NoRetries = Small with { Retries = 0 };

    [Theory]
    [InlineData(VerifyLevel.Checksum)]
    [InlineData(VerifyLevel.Readback)]
    public async Task Parts_that_are_not_what_the_hash_says_never_become_visible(VerifyLevel level)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        await using (var session = await destination.BeginWriteAsync(Request("x", Large, verify: level), default))
        {
            await FeedAsync(session, Bytes(Large), 0, Large);
            var error = await Assert.ThrowsAsync<FailureException>(() => session.CommitAsync(Sha256(Bytes(Large, seed: 2)), default).AsTask());
            Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        }

        Assert.DoesNotContain("Complete", server.Seen);
        Assert.Empty(server.Objects);
        Assert.Empty(server.Uploads);
    }

    /// <summary>No body is hashed for its signature where its MD5 does as well: the server was seen to refuse a wrong one.</summary>
    [Theory]
    [InlineData("checks", true)]
    [InlineData("refuses unsigned", false)]
    [InlineData("does not check unsigned", false)]
    public async Task A_body_is_left_out_of_its_signature_only_where_the_server_checks_its_MD5(string how, bool isUnsigned)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var hashes = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        server.Script = async request =>
        {
            var hash = request.Header("x-amz-content-sha256");
            if (request.Kind is "Put" or "Part" && !request.IsProbe) hashes.Enqueue(hash);
            if (hash != "UNSIGNED-PAYLOAD" || !request.IsProbe || how == "checks") return false;
            if (how == "refuses unsigned") await request.FailAsync(400, "InvalidRequest");
            return true;
        };
        foreach (var size in (int[])[1000, Large])
            Assert.Equal(VerifiedBy.ServerHash, (await WriteAsync(destination, Request($"x{size}", size), Bytes(size))).VerifiedBy);
        Assert.Equal(4, hashes.Count);
        Assert.All(hashes, hash => Assert.Equal(isUnsigned, hash == "UNSIGNED-PAYLOAD"));
        Assert.Contains(isUnsigned ? "UNSIGNED-PAYLOAD" : Sha256(Bytes(1000)), hashes);
    }

    [Fact]
    public async Task Parts_of_an_earlier_try_that_are_of_another_content_are_found_by_reading_back()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        await BreakOffAsync(server, destination, Request("x", Large), Bytes(Large, seed: 2));
        var bytes = Bytes(Large);
        await using var session = await destination.BeginWriteAsync(Request("x", Large), default);
        await FeedAsync(session, bytes, (int)session.ResumeAt, Large);
        var error = await Assert.ThrowsAsync<FailureException>(() => session.CommitAsync(Sha256(bytes), default).AsTask());
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task A_broken_off_successor_takes_all_blocks_again_and_sends_only_what_is_missing()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        var (request, bytes) = (Request("x", Large, replaces: old, fingerprint: "two"), Bytes(Large, seed: 2));
        await BreakOffAsync(server, destination, request, bytes);
        await using var session = await destination.BeginWriteAsync(request, default);
        Assert.Equal(0, session.ResumeAt);
        await FeedAsync(session, bytes, 0, Large);
        Assert.Equal(VerifiedBy.ServerHash, (await session.CommitAsync(Sha256(bytes), default)).VerifiedBy);
        Assert.Equal(bytes, server.Objects["x"].Bytes);
        Assert.Equal(3, server.Seen.Count(kind => kind == "Part"));
    }

    [Theory]
    [InlineData(1000, "Put")]
    [InlineData(Large, "Complete")]
    public async Task An_object_that_would_be_replaced_stays_when_its_successor_is_damaged(int size, string kind)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("f/x", 100), Bytes(100))).Target;
        server.Script = request => DamageAsync(server, request, kind);
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("f/x", size, replaces: old, VerifyLevel.Readback, "two"), Bytes(size, seed: 2)));
        Assert.Equal((FailureClass.Transient, "CopyCorrupt"), (error.Failure.Class, error.Failure.Code));
        Assert.Equal(Bytes(100), Assert.Single(server.Objects).Value.Bytes);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task An_object_that_is_missing_for_the_moment_in_which_somebody_replaces_it_is_kept_at_a_server_without_conditions()
    {
        await using var server = await ScriptedS3.StartAsync();
        server.Script = WithoutConditions;
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        var strange = new ScriptedS3.Stored(Bytes(7), "\"strange\"", []);
        var looks = 0;
        server.Script = async request =>
        {
            if (request is not { Kind: "Head", Key: "x" } || ++looks > 1) return await WithoutConditions(request);
            server.Objects["x"] = strange;
            await request.FailAsync(404, "NoSuchKey");
            return true;
        };
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("x", 1000, replaces: old, VerifyLevel.Checksum, "two"), Bytes(1000, seed: 2)));
        Assert.Equal((FailureClass.Conflict, "TargetChanged"), (error.Failure.Class, error.Failure.Code));
        Assert.Same(strange, server.Objects["x"]);

        static Task<bool> WithoutConditions(ScriptedS3.Request request)
        {
            request.DropConditions();
            return Task.FromResult(false);
        }
    }

    [Fact]
    public async Task An_object_that_changes_while_its_successor_is_read_back_is_kept()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        var strange = new ScriptedS3.Stored(Bytes(7), "\"strange\"", []);
        server.Script = request =>
        {
            // The last moment there is.
            if (request is { Kind: "Complete", Key: "x" }) server.Objects["x"] = strange;
            return Task.FromResult(false);
        };
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("x", 1000, replaces: old, VerifyLevel.Readback, "two"), Bytes(1000, seed: 2)));
        Assert.Equal((FailureClass.Conflict, "TargetChanged"), (error.Failure.Class, error.Failure.Code));
        Assert.Same(strange, Assert.Single(server.Objects).Value);
        Assert.Empty(server.Uploads);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completion_of_the_copy_without_a_clear_answer_is_settled_by_looking(bool done)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        server.Script = async request =>
        {
            if (request is not { Kind: "Complete", Key: "x" }) return false;
            if (!done)
            {
                await request.FailAsync(200, "InternalError");
                return true;
            }

            request.Response.Body = Stream.Null;
            await request.ServeAsync();
            request.HangUp();
            return true;
        };
        var (request, bytes) = (Request("x", 1000, replaces: old, VerifyLevel.Readback, "two"), Bytes(1000, seed: 2));
        if (done) Assert.Equal(VerifiedBy.ReadBack, (await WriteAsync(destination, request, bytes)).VerifiedBy);
        else Assert.True((await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, request, bytes))).Failure.IsTransient);
        Assert.Equal(done ? bytes : Bytes(100), Assert.Single(server.Objects).Value.Bytes);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task An_object_that_was_replaced_by_a_damaged_one_is_told_and_nothing_is_removed()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        server.Script = request => DamageAsync(server, request, "Put");
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("x", 1000, replaces: old, fingerprint: "two"), Bytes(1000, seed: 2)));
        Assert.Equal((FailureClass.Mismatch, "ReplacedDamaged"), (error.Failure.Class, error.Failure.Code));
        Assert.Equal(1000, Assert.Single(server.Objects).Value.Bytes.Length);
    }

    [Fact]
    public async Task A_copy_on_the_server_that_fails_as_success_leaves_the_former_object()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        server.Script = async request =>
        {
            if (request.Kind != "CopyPart") return false;
            await request.FailAsync(200, "InternalError");
            return true;
        };
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("x", 1000, replaces: old, VerifyLevel.Readback, "two"), Bytes(1000, seed: 2)));
        Assert.True(error.Failure.IsTransient, error.ToString());
        Assert.Equal(Bytes(100), Assert.Single(server.Objects).Value.Bytes);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task A_damaged_object_that_someone_else_replaced_meanwhile_is_not_removed()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = Open(server);
        var strange = new ScriptedS3.Stored(Bytes(7), "\"strange\"", []);
        server.Script = async request =>
        {
            if (request is not { Kind: "Get", Key: "x" }) return await DamageAsync(server, request, "Put");
            await request.ServeAsync();
            server.Objects["x"] = strange;
            return true;
        };
        var error = await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, Request("x", 1000), Bytes(1000)));
        Assert.Equal("CopyCorrupt", error.Failure.Code);
        Assert.Same(strange, Assert.Single(server.Objects).Value);
    }

    [Fact]
    public async Task Memory_comes_back_after_a_stop_inside_a_block_that_spans_parts()
    {
        await using var server = await ScriptedS3.StartAsync();
        using var bucket = new S3Bucket(Describe(server.Endpoint, "b"), Keys, Small, TimeProvider.System);
        var abilities = await S3Abilities.ProbeAsync(bucket, new UploadsInMemory(), default);
        var memory = new MemoryBudget(20 * MiB);
        var write = new S3Write(bucket, "x", abilities, Request("x", Large), new UploadsInMemory(), TimeProvider.System);
        await using (var session = await S3MultipartSession.BeginAsync(write, memory, default))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => session.WriteAsync(0, Bytes(Large), new CancellationToken(canceled: true)).AsTask());
        Assert.Equal(20 * MiB, memory.Free);
    }

    private static S3Destination Open(ScriptedS3 server) => new(Describe(server.Endpoint, "b"), Keys, options: NoRetries);

    // Leaves all parts at the server.
    private static async Task BreakOffAsync(ScriptedS3 server, S3Destination destination, NasSync.Destinations.WriteRequest request, byte[] bytes)
    {
        server.Script = async asked =>
        {
            if (asked.Kind == "Complete") await asked.FailAsync(500, "InternalError");
            return asked.Kind == "Complete";
        };
        await Assert.ThrowsAsync<FailureException>(() => WriteAsync(destination, request, bytes));
        server.Script = _ => Task.FromResult(false);
    }

    // What the server keeps is not what came; of a small object it says another tag, so that it is read back.
    private static async Task<bool> DamageAsync(ScriptedS3 server, ScriptedS3.Request request, string kind)
    {
        if (request.IsProbe || request.Kind != kind) return false;
        await request.ServeAsync();
        server.Objects[request.Key].Bytes[3] ^= 1;
        if (kind == "Put") request.Response.Headers.ETag = "\"00000000000000000000000000000000\"";
        return true;
    }
}
