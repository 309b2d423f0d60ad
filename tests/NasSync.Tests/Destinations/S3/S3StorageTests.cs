using System.Collections.Concurrent;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>What the configuration says of how objects are kept reaches the server; a server that cannot copy is no obstacle.</summary>
public sealed class S3StorageTests
{
    private static readonly S3Options NoRetries = Small with { Retries = 0 };

    [Fact]
    public async Task Storage_class_and_encryption_are_on_every_object_however_it_travels()
    {
        await using var server = await ScriptedS3.StartAsync();
        var config = Describe(server.Endpoint, "b") with { StorageClass = "STANDARD_IA", ServerSideEncryption = "aws:kms", KmsKeyId = "key-7" };
        await using var destination = new S3Destination(config, Keys, options: NoRetries);
        var seen = new ConcurrentQueue<(string, string?, string?, string?)>();
        server.Script = request =>
        {
            if (request.Kind is "Put" or "Begin")
                seen.Enqueue((
                    request.IsProbe ? "Probe" : request.Kind,
                    request.Header("x-amz-storage-class"),
                    request.Header("x-amz-server-side-encryption"),
                    request.Header("x-amz-server-side-encryption-aws-kms-key-id")));
            return Task.FromResult(false);
        };
        var old = (await WriteAsync(destination, Request("small", 5), Bytes(5))).Target;
        await WriteAsync(destination, Request("large", 6 * MiB), Bytes(6 * MiB));
        await WriteAsync(destination, Request("small", 7, old, VerifyLevel.Readback, "two"), Bytes(7));
        var (probes, objects) = (seen.Where(one => one.Item1 == "Probe").ToList(), seen.Where(one => one.Item1 != "Probe").ToList());

        // The probe sees the entity tags that encryption makes; a class with a least duration would cost money for nothing.
        Assert.All(probes, one => Assert.Equal(("Probe", null, "aws:kms", "key-7"), one));
        Assert.Equal(["Put", "Begin", "Put", "Begin"], objects.Select(one => one.Item1));
        Assert.All(objects, one => Assert.Equal(("STANDARD_IA", "aws:kms", "key-7"), (one.Item2, one.Item3, one.Item4)));
    }

    [Fact]
    public async Task Nothing_is_said_of_storage_where_nothing_is_configured()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        var said = new ConcurrentQueue<string?>();
        server.Script = request =>
        {
            said.Enqueue(request.Header("x-amz-storage-class") ?? request.Header("x-amz-server-side-encryption"));
            return Task.FromResult(false);
        };
        await WriteAsync(destination, Request("small", 5), Bytes(5));
        await WriteAsync(destination, Request("large", 6 * MiB), Bytes(6 * MiB));
        Assert.All(said, Assert.Null);
    }

    [RequiresFact("radosgw", "ceph-mon", "ceph-osd")]
    public async Task An_object_has_the_type_of_its_extension_however_it_travels()
    {
        await using var place = await MakeAsync();
        await using var destination = new S3Destination(
            place.Config with
            {
                ContentTypes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [".cue"] = "text/plain; charset=utf-8" },
            },
            Keys,
            place.Uploads,
            Small);
        var old = (await WriteAsync(destination, Request("a/song.M4A", 5), Bytes(5))).Target;
        await WriteAsync(destination, Request("large.mkv", 6 * MiB), Bytes(6 * MiB));
        await WriteAsync(destination, Request("a/song.M4A", 7, old, VerifyLevel.Readback, "two"), Bytes(7));
        await WriteAsync(destination, Request("read.opus", 6 * MiB, verify: VerifyLevel.Readback), Bytes(6 * MiB));
        foreach (var name in (string[])["x.cue", "x.page.html", "x", "x.unknown"]) await WriteAsync(destination, Request(name, 1), Bytes(1));

        Assert.Equal("audio/mp4", await TypeAsync("a/song.M4A"));
        Assert.Equal("video/matroska", await TypeAsync("large.mkv"));
        Assert.Equal("audio/ogg", await TypeAsync("read.opus"));
        Assert.Equal("text/plain; charset=utf-8", await TypeAsync("x.cue"));
        foreach (var name in (string[])["x.page.html", "x", "x.unknown"]) Assert.Equal("application/octet-stream", await TypeAsync(name));

        async Task<string> TypeAsync(string name) => (await place.Raw.GetObjectMetadataAsync(place.Bucket, "artifacts/" + name)).Headers.ContentType;
    }

    [Fact]
    public async Task The_configured_size_of_parts_is_taken()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b") with { PartSize = 7 * MiB }, Keys, options: NoRetries);
        await WriteAsync(destination, Request("large", 15 * MiB), Bytes(15 * MiB));
        Assert.Equal(3, server.Seen.Count(kind => kind == "Part"));
    }

    [Theory]
    [InlineData(501, "NotImplemented", 1000)]
    [InlineData(405, "MethodNotAllowed", 1000)]
    [InlineData(501, "NotImplemented", 12 * MiB)]
    [InlineData(405, "MethodNotAllowed", 12 * MiB)]
    public async Task Where_the_server_does_not_copy_the_proven_bytes_travel_here_and_back(int status, string code, int size)
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        server.Script = async request =>
        {
            if (request.Kind != "CopyPart") return false;
            await request.FailAsync(status, code);
            return true;
        };
        var receipt = await WriteAsync(destination, Request("x", size, old, VerifyLevel.Readback, "two"), Bytes(size, seed: 2));
        Assert.Equal(VerifiedBy.ReadBack, receipt.VerifiedBy);
        Assert.Equal(Bytes(size, seed: 2), Assert.Single(server.Objects).Value.Bytes);
        Assert.Empty(server.Uploads);
    }

    [Fact]
    public async Task Bytes_that_change_on_their_way_here_and_back_do_not_replace_the_former_object()
    {
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: NoRetries);
        var old = (await WriteAsync(destination, Request("x", 100), Bytes(100))).Target;
        server.Script = async request =>
        {
            if (request.Kind != "CopyPart") return false;

            // After the proof, before the bytes are read again.
            server.Objects.Single(one => one.Key != "x").Value.Bytes[3] ^= 1;
            await request.FailAsync(501, "NotImplemented");
            return true;
        };
        var error = await Assert.ThrowsAsync<FailureException>(
            () => WriteAsync(destination, Request("x", 1000, old, VerifyLevel.Readback, "two"), Bytes(1000, seed: 2)));
        Assert.Equal("CopyPartWrong", error.Failure.Code);
        Assert.Equal(Bytes(100), Assert.Single(server.Objects).Value.Bytes);
        Assert.Empty(server.Uploads);
    }
}
