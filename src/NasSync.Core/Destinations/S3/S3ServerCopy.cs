using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using Amazon.Runtime;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>
/// Copies a proven object from its temporary key to the final one; the bytes do not leave the server. Copies in the parts of the upload, so that each
/// part's tag can be compared before the copy is visible, and because more servers honour a condition on the completion of an upload than on a copy
/// in one request. Where the server cannot copy, the parts are downloaded and uploaded again.
/// </summary>
internal sealed class S3ServerCopy(S3Bucket bucket, IUploadMemory uploads, WriteRequest request, bool tagsAreMd5)
{
    // Differs from the fingerprint of the upload itself, which has the same content.
    private readonly string _fingerprint = request.Fingerprint + " copy";
    private bool _isRefused;

    /// <summary>Copies. Aborts the upload on failure; only a failed completion leaves open whether the object exists.</summary>
    /// <param name="from">The temporary key.</param>
    /// <param name="to">The final key.</param>
    /// <param name="parts">The parts in which the object was uploaded.</param>
    /// <param name="sha256">The content's hash, for the metadata.</param>
    /// <param name="condition">The condition on the final key.</param>
    /// <param name="cancellationToken">Cancels until the completion begins.</param>
    /// <exception cref="FailureException">The code is <c>CopyPartWrong</c> when a copied part has another tag.</exception>
    public async Task<CompleteMultipartUploadResponse> MakeAsync(
        string from, string to, S3Parts parts, string sha256, Condition condition, CancellationToken cancellationToken)
    {
        await S3Upload.EndOthersAsync(bucket, uploads, to, null, cancellationToken).ConfigureAwait(false);
        var uploadId = await S3Upload.BeginRememberedAsync(
            bucket,
            uploads,
            to,
            _fingerprint,
            request,
            sha256,
            cancellationToken).ConfigureAwait(false);
        var isDone = false;
        try
        {
            var tags = new ConcurrentDictionary<int, string>();
            var options = new ParallelOptions { MaxDegreeOfParallelism = bucket.Options.PartsInFlight, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                Enumerable.Range(1, parts.Count),
                options,
                async (number, token) =>
                    tags[number] = await CopyPartAsync(from, to, uploadId, parts, number, token).ConfigureAwait(false)).ConfigureAwait(false);
            var answer = await S3Upload.CompleteAsync(
                bucket,
                to,
                uploadId,
                [.. tags.OrderBy(tag => tag.Key).Select(tag => new PartETag(tag.Key, tag.Value))],
                condition).ConfigureAwait(false);

            // An answer without a tag may be anything with status 200, even an error.
            if (S3Object.Bare(answer.ETag).Length == 0) throw S3Upload.Undone(bucket, to);
            uploads.Forget(to, uploadId);
            isDone = true;
            return answer;
        }
        finally
        {
            if (!isDone) await S3Upload.TryAbortAsync(bucket, uploads, to, uploadId).ConfigureAwait(false);
            bucket.LeaveOff(uploadId);
        }
    }

    private async Task<string> CopyPartAsync(string from, string to, string uploadId, S3Parts parts, int number, CancellationToken cancellationToken)
    {
        var copy = new CopyPartRequest
        {
            SourceBucket = bucket.Name,
            SourceKey = from,
            DestinationBucket = bucket.Name,
            DestinationKey = to,
            UploadId = uploadId,
            PartNumber = number,
        };
        if (_isRefused) return await CarryPartAsync(from, to, uploadId, parts, number, cancellationToken).ConfigureAwait(false);
        if (parts.Count > 1) (copy.FirstByte, copy.LastByte) = (parts.StartOf(number), parts.StartOf(number) + parts.SizeOf(number) - 1);
        try
        {
            var answer = await bucket.CallAsync(
                "copy",
                from,
                (client, token) => client.CopyPartAsync(copy, token),
                cancellationToken).ConfigureAwait(false);
            return Checked(S3Object.Bare(answer.ETag), from, to, parts, number);
        }
        catch (FailureException e) when (
            e.InnerException is AmazonServiceException { StatusCode: HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed })
        {
            _isRefused = true;
            return await CarryPartAsync(from, to, uploadId, parts, number, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> CarryPartAsync(string from, string to, string uploadId, S3Parts parts, int number, CancellationToken cancellationToken)
    {
        var size = parts.SizeOf(number);
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            await bucket.CallAsync("read", from, async (client, token) =>
            {
                var get = new GetObjectRequest
                {
                    BucketName = bucket.Name,
                    Key = from,
                    ByteRange = new ByteRange(parts.StartOf(number), parts.StartOf(number) + size - 1),
                };
                using var answer = await client.GetObjectAsync(get, token).ConfigureAwait(false);
                await answer.ResponseStream.ReadExactlyAsync(bytes.AsMemory(0, size), token).ConfigureAwait(false);
                return true;
            }, cancellationToken).ConfigureAwait(false);
            var upload = await bucket.CallAsync(
                "write",
                to,
                (client, token) => S3Upload.PartAsync(bucket, client, to, uploadId, number, bytes, size, Md5.Of(bytes.AsSpan(0, size)), false, token),
                cancellationToken).ConfigureAwait(false);
            return Checked(S3Object.Bare(upload.ETag), from, to, parts, number);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private string Checked(string tag, string from, string to, S3Parts parts, int number)
    {
        if (tag.Length > 0 && (!tagsAreMd5 || parts.Has(number, tag))) return tag;
        throw new FailureException(new Failure(
            FailureClass.Transient,
            "CopyPartWrong",
            $"{bucket.Server} copied part {number} of {bucket.Show(from)} to {Failure.Quote(tag)}, which is not the tag of "
                + $"its bytes; {bucket.Show(to)} was left as it is.",
            "It is tried again; if it stays, test the server's disks."));
    }
}
