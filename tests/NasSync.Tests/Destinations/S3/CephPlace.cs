using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.S3;

/// <summary>A bucket of its own on the run's Ceph server (or its Swift), and a destination in it whose parts are as small as S3 allows.</summary>
internal sealed class CephPlace : IAsyncDisposable
{
    public const int MiB = 1 << 20;

    /// <summary>Parts of 5 MiB, single requests up to 1 MiB, few retries.</summary>
    public static readonly S3Options Small = new() { PartSize = 5 * MiB, SinglePutLimit = MiB, Retries = 1 };

    private readonly Dictionary<string, string> _keys;

    private CephPlace(Uri endpoint, Dictionary<string, string> keys, string prefix, S3Options? options, TimeProvider? time)
    {
        _keys = keys;
        Raw = new AmazonS3Client(new BasicAWSCredentials(keys["TEST_ID"], keys["TEST_SECRET"]), new AmazonS3Config
        {
            ServiceURL = endpoint.AbsoluteUri,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        Bucket = $"b{Guid.NewGuid():N}";
        Config = Describe(endpoint, Bucket, prefix);
        Destination = Open(options, time);
    }

    public AmazonS3Client Raw { get; }

    public string Bucket { get; }

    public S3DestinationConfig Config { get; }

    public UploadsInMemory Uploads { get; } = new();

    public S3Destination Destination { get; }

    public static Dictionary<string, string> Keys => new() { ["TEST_ID"] = CephServer.AccessKey, ["TEST_SECRET"] = CephServer.SecretKey };

    public static async Task<CephPlace> MakeAsync(string prefix = "artifacts", S3Options? options = null, TimeProvider? time = null)
    {
        var server = await CephServer.GetAsync();
        return await MakeAsync(new CephPlace(server.Endpoint, Keys, prefix, options, time));
    }

    public static async Task<CephPlace> MakeOnSwiftAsync(string prefix = "artifacts", S3Options? options = null)
    {
        var server = await SwiftServer.GetAsync();
        var keys = new Dictionary<string, string> { ["TEST_ID"] = SwiftServer.AccessKey, ["TEST_SECRET"] = SwiftServer.SecretKey };
        return await MakeAsync(new CephPlace(server.Endpoint, keys, prefix, options, null));
    }

    public static S3DestinationConfig Describe(Uri endpoint, string bucket, string prefix = "") => new()
    {
        Name = "cloud",
        Bucket = bucket,
        Prefix = prefix,
        Endpoint = endpoint,
        AccessKeyId = new("env", "TEST_ID"),
        SecretAccessKey = new("env", "TEST_SECRET"),
    };

    /// <summary>Another destination on the same bucket with the same memory of uploads: the next run.</summary>
    public S3Destination Open(S3Options? options = null, TimeProvider? time = null) => new(Config, _keys, Uploads, options ?? Small, time);

    /// <summary>What looks for leftovers, at another time.</summary>
    public async Task<(int Uploads, int Objects)> SweepAsync(TimeSpan later)
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow() + later);
        using var bucket = new S3Bucket(Config, _keys, Small, time);
        var sweep = new S3Sweep(bucket, Uploads, time, KeptNames.None);
        return (await sweep.AbortUploadsAsync(default), await sweep.RemoveObjectsAsync(default));
    }

    public static WriteRequest Request(
        string path, long size, FileState? replaces = null, VerifyLevel verify = VerifyLevel.Checksum, string fingerprint = "one") =>
        new()
        {
            Path = RelativePath.Parse(path),
            Size = size,
            MtimeNs = 1_700_000_000_123_456_789,
            Fingerprint = fingerprint,
            Verify = verify,
            Replaces = replaces,
            Origin = "job 7/ü.m4a",
        };

    public static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Writes a whole file in blocks of an odd size.</summary>
    public static async Task<CommitReceipt> WriteAsync(IDestination destination, WriteRequest request, byte[] bytes, int from = 0)
    {
        await using var session = await destination.BeginWriteAsync(request, default);
        await FeedAsync(session, bytes, from, bytes.Length);
        return await session.CommitAsync(Sha256(bytes), default);
    }

    public static async Task FeedAsync(IWriteSession session, byte[] bytes, int from, int to)
    {
        const int Block = 300_007;
        for (var at = from; at < to; at += Block) await session.WriteAsync(at, bytes.AsMemory(at, Math.Min(Block, to - at)), default);
    }

    public async Task<byte[]> ReadAsync(string key)
    {
        using var answer = await Raw.GetObjectAsync(Bucket, key);
        using var memory = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(memory);
        return memory.ToArray();
    }

    public async Task<IReadOnlyList<string>> UploadsAsync() =>
        [.. ((await Raw.ListMultipartUploadsAsync(Bucket)).MultipartUploads ?? []).Select(upload => upload.Key)];

    private static async Task<CephPlace> MakeAsync(CephPlace place)
    {
        await place.Raw.PutBucketAsync(place.Bucket);
        return place;
    }

    public async ValueTask DisposeAsync()
    {
        await Destination.DisposeAsync();
        Raw.Dispose();
    }
}
