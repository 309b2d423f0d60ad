using Amazon.S3;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>The steps that begin and end a multipart upload, whoever brings the parts.</summary>
internal static class S3Upload
{
    /// <summary>Begins an upload.</summary>
    /// <returns>The server's name for it.</returns>
    public static async Task<string> BeginAsync(S3Bucket bucket, string key, WriteRequest request, string? sha256, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = key,
            ContentType = "application/octet-stream",
            StorageClass = bucket.Options.StorageClass is { } storage ? new S3StorageClass(storage) : null,
            ServerSideEncryptionMethod = bucket.Options.Encryption is { } encryption ? new ServerSideEncryptionMethod(encryption) : null,
        };
        foreach (var (name, value) in S3Metadata.For(request, sha256)) begin.Metadata[name] = value;
        var begun = await bucket.CallAsync("begin", key, (client, token) => client.InitiateMultipartUploadAsync(begin, token), cancellationToken).ConfigureAwait(false);
        return begun.UploadId;
    }

    /// <summary>Makes the object of the parts visible. Never broken off: nobody would know whether the object is there.</summary>
    public static async Task<CompleteMultipartUploadResponse> CompleteAsync(S3Bucket bucket, string key, string uploadId, List<PartETag> tags, Condition condition)
    {
        var complete = new CompleteMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = key,
            UploadId = uploadId,
            PartETags = tags,
            IfNoneMatch = condition.IfNoneMatch,
            IfMatch = condition.IfMatch,
        };
        try
        {
            return await bucket.CallAsync("complete", key, (client, token) => client.CompleteMultipartUploadAsync(complete, token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code is "NotSupported" && condition != Condition.None)
        {
            return await CompleteAsync(bucket, key, uploadId, tags, Condition.None).ConfigureAwait(false);
        }
    }

    /// <summary>The failure for a completion that the server called done and did not do.</summary>
    public static FailureException Undone(S3Bucket bucket, string key) => new(new Failure(
        FailureClass.Transient,
        "CompleteFailed",
        $"{bucket.Server} said that {bucket.Show(key)} is complete, but it is not there.",
        "It is tried again; the parts that are there are not sent again."));

    /// <summary>Ends an upload and forgets it; one that is gone already is only forgotten.</summary>
    public static async Task AbortAsync(S3Bucket bucket, IUploadMemory uploads, string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            await bucket.CallAsync(
                "give up", key, (client, token) => client.AbortMultipartUploadAsync(new() { BucketName = bucket.Name, Key = key, UploadId = uploadId }, token), cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code is "UploadGone" or "ObjectMissing")
        {
            // It is what was wanted.
        }

        uploads.Forget(key, uploadId);
    }

    /// <summary>Ends an upload if the server lets us; else it stays remembered, and is ended with the abandoned ones.</summary>
    public static async Task TryAbortAsync(S3Bucket bucket, IUploadMemory uploads, string key, string uploadId)
    {
        try
        {
            await AbortAsync(bucket, uploads, key, uploadId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            // The error that led here is the one worth telling.
        }
    }
}
