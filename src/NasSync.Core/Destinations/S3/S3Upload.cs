using Amazon.S3;
using Amazon.S3.Model;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>The steps of a multipart upload, whatever the source of the parts.</summary>
internal static class S3Upload
{
    /// <summary>Begins an upload.</summary>
    /// <returns>The server's id for it.</returns>
    private static async Task<string> BeginAsync(
        S3Bucket bucket,
        string key,
        WriteRequest request,
        string? sha256,
        CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = key,
            ContentType = S3ContentTypes.Of(request.Path, bucket.Config),
        };
        bucket.Config.Apply(begin);
        foreach (var (name, value) in S3Metadata.For(request, key, sha256)) begin.Metadata[name] = value;
        var begun = await bucket.CallAsync(
            "begin",
            key,
            (client, token) => client.InitiateMultipartUploadAsync(begin, token),
            cancellationToken).ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.S3UploadBegun);
        return begun.UploadId is { Length: > 0 } id ? id : throw new FailureException(S3Errors.NotS3("begin", bucket.Show(key), bucket.Server));
    }

    /// <summary>
    /// Begins an upload and remembers it. First remembers that it is about to begin: otherwise nobody could find the upload of a run that is killed
    /// before it receives the id.
    /// </summary>
    /// <returns>The server's id for it; the caller holds the claim on it (<see cref="S3Bucket.LeaveOff"/>).</returns>
    public static async Task<string> BeginRememberedAsync(
        S3Bucket bucket,
        IUploadMemory uploads,
        string key,
        string fingerprint,
        WriteRequest request,
        string? sha256,
        CancellationToken cancellationToken)
    {
        var claimed = bucket.TryWorkOn(ClaimOf(key));
        try
        {
            uploads.Remember(new PendingUpload(key, fingerprint, PendingUpload.NotNamedYet));
            var uploadId = await BeginAsync(bucket, key, request, sha256, cancellationToken).ConfigureAwait(false);
            bucket.TryWorkOn(uploadId);
            uploads.Remember(new PendingUpload(key, fingerprint, uploadId));
            CrashPoint.Reach(CrashPoint.S3UploadRemembered);
            return uploadId;
        }
        finally
        {
            if (claimed) bucket.LeaveOff(ClaimOf(key));
        }
    }

    /// <summary>Aborts the uploads to a key that earlier runs left, except the one to resume.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="uploads">The remembered uploads; without an entry for the key, the server is not queried.</param>
    /// <param name="key">The key.</param>
    /// <param name="fingerprint">The content whose upload stays; null: none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task EndOthersAsync(
        S3Bucket bucket,
        IUploadMemory uploads,
        string key,
        string? fingerprint,
        CancellationToken cancellationToken)
    {
        foreach (var left in uploads.All().Where(upload => upload.Key == key).ToList())
        {
            if (left.UploadId == PendingUpload.NotNamedYet) await EndNamelessAsync(bucket, uploads, key, cancellationToken).ConfigureAwait(false);
            else if (left.Fingerprint != fingerprint && bucket.TryWorkOn(left.UploadId))
            {
                await TryAbortAsync(bucket, uploads, key, left.UploadId).ConfigureAwait(false);
                bucket.LeaveOff(left.UploadId);
            }
        }
    }

    // A forgotten upload of ours to this key has no parts, because parts are sent only after the id is remembered. The upload may also belong to
    // another program that has just begun it. The server then reports to that program that the upload is gone, and the program begins again.
    private static async Task EndNamelessAsync(S3Bucket bucket, IUploadMemory uploads, string key, CancellationToken cancellationToken)
    {
        if (!bucket.TryWorkOn(ClaimOf(key))) return;
        try
        {
            var known = uploads.All().Select(upload => upload.UploadId).ToHashSet(StringComparer.Ordinal);
            var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = key };
            ListMultipartUploadsResponse page;
            do
            {
                page = await bucket.CallAsync(
                    "list uploads of",
                    key,
                    (client, token) => client.ListMultipartUploadsAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                foreach (var id in (page.MultipartUploads ?? []).Where(upload => upload.Key == key
                    && upload.UploadId is not null
                    && !known.Contains(upload.UploadId)).Select(upload => upload.UploadId))
                {
                    if (!bucket.TryWorkOn(id)) continue;
                    if (await S3Parts.ListAsync(bucket, key, id, 0, 1, cancellationToken).ConfigureAwait(false) is { Any: false })
                        await TryAbortAsync(bucket, uploads, key, id).ConfigureAwait(false);
                    bucket.LeaveOff(id);
                }
            }
            while (S3Pages.Turn(bucket.Show(key), page, request));
            uploads.Forget(key, PendingUpload.NotNamedYet);
        }
        finally
        {
            bucket.LeaveOff(ClaimOf(key));
        }
    }

    // No server's upload id contains a blank.
    private static string ClaimOf(string key) => "begin " + key;

    /// <summary>Sends one part with its MD5.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="client">The client that sends it.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="number">The part number.</param>
    /// <param name="bytes">Starts with the part's bytes.</param>
    /// <param name="size">The part's size in bytes.</param>
    /// <param name="md5">The part's MD5.</param>
    /// <param name="unsigned">The MD5 stands for the part in the signature: the server is known to compare it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static async Task<UploadPartResponse> PartAsync(
        S3Bucket bucket,
        AmazonS3Client client,
        string key,
        string uploadId,
        int number,
        byte[] bytes,
        int size,
        byte[] md5,
        bool unsigned,
        CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(bytes, 0, size, writable: false);
        var part = new UploadPartRequest
        {
            BucketName = bucket.Name,
            Key = key,
            UploadId = uploadId,
            PartNumber = number,
            PartSize = size,
            InputStream = body,
            MD5Digest = Convert.ToBase64String(md5),
            UseChunkEncoding = false,
        };
        if (unsigned) S3Client.LeaveUnsigned(part, bucket.IsEncrypted);
        return await client.UploadPartAsync(part, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Completes the upload, which makes the object visible. Not cancellable: otherwise it would be unknown whether the object exists.
    /// </summary>
    public static async Task<CompleteMultipartUploadResponse> CompleteAsync(
        S3Bucket bucket,
        string key,
        string uploadId,
        List<PartETag> tags,
        Condition condition)
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
            CrashPoint.Reach(CrashPoint.S3Completing);
            var answer = await bucket.CallAsync(
                "complete",
                key,
                (client, token) => client.CompleteMultipartUploadAsync(complete, token),
                CancellationToken.None).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.S3Completed);
            return answer;
        }
        catch (FailureException e) when (e.Failure.Code is "NotSupported" && condition != Condition.None)
        {
            return await CompleteAsync(bucket, key, uploadId, tags, Condition.None).ConfigureAwait(false);
        }
    }

    /// <summary>The failure for a completion that the server reported as done although the object is not there.</summary>
    public static FailureException Undone(S3Bucket bucket, string key) => new(new Failure(
        FailureClass.Transient,
        "CompleteFailed",
        $"{bucket.Server} said that {bucket.Show(key)} is complete, but it is not there.",
        "It is tried again; the parts that are there are not sent again."));

    /// <summary>Aborts an upload and forgets it; one that is gone already is only forgotten.</summary>
    public static async Task AbortAsync(S3Bucket bucket, IUploadMemory uploads, string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            await bucket.CallAsync(
                "give up",
                key,
                (client, token) => client.AbortMultipartUploadAsync(new() { BucketName = bucket.Name, Key = key, UploadId = uploadId }, token),
                cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Code is "UploadGone" or "ObjectMissing")
        {
            // The upload is gone, as intended.
        }

        uploads.Forget(key, uploadId);
    }

    /// <summary>Aborts an upload if the server allows it; otherwise it stays remembered, and a later sweep aborts it.</summary>
    public static async Task TryAbortAsync(S3Bucket bucket, IUploadMemory uploads, string key, string uploadId)
    {
        try
        {
            await AbortAsync(bucket, uploads, key, uploadId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            // Report the error that led here instead.
        }
    }
}
