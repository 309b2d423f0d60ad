using System.Collections.Concurrent;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>
/// Brings a proven object from its temporary key to the final one; the bytes do not leave the server. It goes in the parts in which the object
/// came, so that each part's tag can be compared before the copy is visible, and because more servers honour a condition on the completion of an
/// upload than on a copy in one request.
/// </summary>
internal sealed class S3ServerCopy(S3Bucket bucket, IUploadMemory uploads, WriteRequest request, bool tagsAreMd5)
{
    // Apart from the upload of the same content from here.
    private readonly string _fingerprint = request.Fingerprint + " copy";

    /// <summary>Copies. The upload is given up when that fails; only its completion leaves open whether the object is there.</summary>
    /// <param name="from">The temporary key.</param>
    /// <param name="to">The final key.</param>
    /// <param name="parts">The parts in which the object came.</param>
    /// <param name="sha256">The content's hash, for the metadata.</param>
    /// <param name="condition">What must hold at the final key.</param>
    /// <param name="cancellationToken">Given up before the completion.</param>
    /// <exception cref="FailureException">The code is <c>CopyPartWrong</c> when a part that the server copied has another tag.</exception>
    public async Task<CompleteMultipartUploadResponse> MakeAsync(
        string from, string to, S3Parts parts, string sha256, Condition condition, CancellationToken cancellationToken)
    {
        if (uploads.Find(to, _fingerprint) is { } left) await S3Upload.TryAbortAsync(bucket, uploads, to, left).ConfigureAwait(false);
        var uploadId = await S3Upload.BeginAsync(bucket, to, request, sha256, cancellationToken).ConfigureAwait(false);
        uploads.Remember(new PendingUpload(to, _fingerprint, uploadId));
        var isDone = false;
        try
        {
            var tags = new ConcurrentDictionary<int, string>();
            var options = new ParallelOptions { MaxDegreeOfParallelism = bucket.Options.PartsInFlight, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                Enumerable.Range(1, parts.Count),
                options,
                async (number, token) => tags[number] = await CopyPartAsync(from, to, uploadId, parts, number, token).ConfigureAwait(false)).ConfigureAwait(false);
            var answer = await S3Upload.CompleteAsync(
                bucket, to, uploadId, [.. tags.OrderBy(tag => tag.Key).Select(tag => new PartETag(tag.Key, tag.Value))], condition).ConfigureAwait(false);

            // An answer without a tag may be anything that came with status 200, an error among it.
            if (S3Object.Bare(answer.ETag).Length == 0) throw S3Upload.Undone(bucket, to);
            uploads.Forget(to, uploadId);
            isDone = true;
            return answer;
        }
        finally
        {
            if (!isDone) await S3Upload.TryAbortAsync(bucket, uploads, to, uploadId).ConfigureAwait(false);
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
        if (parts.Count > 1) (copy.FirstByte, copy.LastByte) = (parts.StartOf(number), parts.StartOf(number) + parts.SizeOf(number) - 1);
        var answer = await bucket.CallAsync("copy", from, (client, token) => client.CopyPartAsync(copy, token), cancellationToken).ConfigureAwait(false);
        var tag = S3Object.Bare(answer.ETag);
        if (tag.Length > 0 && (!tagsAreMd5 || parts.Has(number, tag))) return tag;
        throw new FailureException(new Failure(
            FailureClass.Transient,
            "CopyPartWrong",
            $"{bucket.Server} copied part {number} of {bucket.Show(from)} to {Failure.Quote(tag)}, which is not the tag of its bytes; {bucket.Show(to)} was left as it is.",
            "It is tried again; if it stays, test the server's disks."));
    }
}
