using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>A small object: kept in memory and sent in one request, which the server checks by its signed MD5.</summary>
internal sealed class S3PutSession(S3Write write) : S3WriteSession(write)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent((int)write.Request.Size);
    private int _filled;

    /// <inheritdoc/>
    public override long ResumeAt => 0;

    /// <inheritdoc/>
    protected override bool ProvenOnTheWay => Abilities.ProvesMd5;

    /// <inheritdoc/>
    protected override S3Parts Parts
    {
        get
        {
            var one = new S3Parts(Request.Size, Request.Size);
            one.Set(1, Md5.Hex(Md5.Of(_buffer.AsSpan(0, _filled))));
            return one;
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        if (offset != _filled) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"the next block is at {_filled}");
        if (_filled + block.Length > Request.Size) throw Corrupt($"more came than the {Request.Size} bytes that were announced");
        block.Span.CopyTo(_buffer.AsSpan(_filled));
        _filled += block.Length;
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _buffer, []) is { Length: > 0 } buffer) ArrayPool<byte>.Shared.Return(buffer);
        return default;
    }

    /// <inheritdoc/>
    protected override Task FinishAsync(string sha256, CancellationToken cancellationToken)
    {
        if (_filled != Request.Size) throw Corrupt($"{_filled} of {Request.Size} bytes came");
        if (Request.Verify != VerifyLevel.Size && Md5.Hex(SHA256.HashData(_buffer.AsSpan(0, _filled))) is var held && held != sha256)
            throw Corrupt($"the SHA-256 of what came is {held}, the source's is {sha256}");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task<Publication> PublishAsync(string sha256, Condition condition, CancellationToken cancellationToken)
    {
        var md5 = Md5.Of(_buffer.AsSpan(0, _filled));
        var expected = Md5.Hex(md5);
        try
        {
            CrashPoint.Reach(CrashPoint.S3Putting);
            var answer = await Bucket.CallAsync(
                "write",
                UploadKey,
                (client, token) => PutAsync(client, sha256, md5, condition, token),
                cancellationToken).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.S3Put);

            // An answer without a tag may be anything with status 200, such as a web page; only the HEAD below tells.
            if (S3Object.Bare(answer.ETag).Length == 0) throw new FailureException(S3Errors.NotS3("write", Bucket.Show(UploadKey), Bucket.Server));
            return new Publication(S3Object.Bare(answer.ETag), expected, answer.VersionId);
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict || e.Failure.IsTransient)
        {
            if (await LookAsync(UploadKey, expected).ConfigureAwait(false) is { } done) return done;
            throw;
        }
    }

    private async Task<PutObjectResponse> PutAsync(
        AmazonS3Client client,
        string sha256,
        byte[] md5,
        Condition condition,
        CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(_buffer, 0, _filled, writable: false);
        var put = new PutObjectRequest
        {
            BucketName = Bucket.Name,
            Key = UploadKey,
            InputStream = body,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            MD5Digest = Convert.ToBase64String(md5),
            IfNoneMatch = MaySendConditions ? condition.IfNoneMatch : null,
            IfMatch = MaySendConditions ? condition.IfMatch : null,
            ContentType = S3ContentTypes.Of(Request.Path, Bucket.Config),
        };

        Bucket.Config.Apply(put);
        if (Abilities.MaySendUnsigned(Bucket)) S3Client.LeaveUnsigned(put, Bucket.IsEncrypted);
        foreach (var (name, value) in S3Metadata.For(Request, UploadKey, sha256)) put.Metadata[name] = value;
        return await client.PutObjectAsync(put, cancellationToken).ConfigureAwait(false);
    }
}
