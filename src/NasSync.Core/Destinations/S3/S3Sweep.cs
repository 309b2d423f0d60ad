using System.Text.RegularExpressions;
using Amazon.S3.Model;
using NasSync.Files;
using NasSync.Templates;

namespace NasSync.Destinations.S3;

/// <summary>
/// Removes what earlier runs left in a bucket when no run resumed it for seven days: unfinished uploads, which take space that no listing shows, and
/// temporary objects, including those of a probe. Removes only what is certainly ours: remembered uploads, and objects with our name pattern and our
/// mark. A key that the ledger records as a copy stays, whatever its name.
/// </summary>
internal sealed partial class S3Sweep(S3Bucket bucket, IUploadMemory uploads, TimeProvider time, KeptNames kept)
{
    /// <summary>The prefix of the keys of probe objects.</summary>
    public const string ProbePrefix = ReservedName.Prefix + "probe-";

    private DateTime Oldest => time.GetUtcNow().UtcDateTime - Leftovers.AbandonedAfter;

    /// <summary>Sweeps uploads and objects. A failure does not affect the run; it is counted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await TryAsync("upload", AbortUploadsAsync).ConfigureAwait(false);
        await TryAsync("object", RemoveObjectsAsync).ConfigureAwait(false);

        async Task TryAsync(string what, Func<CancellationToken, Task<int>> sweep)
        {
            try
            {
                Count(what, "removed", await sweep(cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is FailureException or OperationCanceledException)
            {
                // The next run finds the rest again.
                Count(what, e is FailureException failed ? failed.Failure.Code : "Stopped", 1);
            }
        }

        void Count(string what, string outcome, int number) => Leftovers.Count(new("bucket", bucket.Name), what, outcome, number);
    }

    /// <summary>Aborts the remembered uploads that are too old, unless this run works on them; forgets those that the server has dropped.</summary>
    /// <returns>The number of aborted uploads.</returns>
    public async Task<int> AbortUploadsAsync(CancellationToken cancellationToken)
    {
        var ended = 0;
        var ours = uploads.All()
            .Where(upload => upload.UploadId != PendingUpload.NotNamedYet && upload.Key.StartsWith(bucket.Prefix, StringComparison.Ordinal))
            .ToDictionary(upload => upload.UploadId, StringComparer.Ordinal);
        if (ours.Count == 0) return 0;
        var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = bucket.Prefix };
        ListMultipartUploadsResponse page;
        do
        {
            page = await bucket.CallAsync(
                "list uploads of",
                bucket.Prefix,
                (client, token) => client.ListMultipartUploadsAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            foreach (var upload in (page.MultipartUploads ?? []).Where(upload => upload.UploadId is not null))
            {
                if (!ours.Remove(upload.UploadId, out var known) || !(upload.Initiated?.ToUniversalTime() <= Oldest)) continue;
                if (await AbortAsync(known, cancellationToken).ConfigureAwait(false)) ended++;
            }
        }
        while (S3Pages.Turn(bucket.Show(bucket.Prefix), page, request));
        foreach (var gone in ours.Values.Where(upload => bucket.TryWorkOn(upload.UploadId)))
        {
            uploads.Forget(gone.Key, gone.UploadId);
            bucket.LeaveOff(gone.UploadId);
        }

        return ended;
    }

    /// <summary>Removes the temporary objects that are too old.</summary>
    /// <returns>The number of removed objects.</returns>
    public async Task<int> RemoveObjectsAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        var request = new ListObjectsV2Request
        {
            BucketName = bucket.Name,
            Prefix = bucket.Prefix + ".",
            Delimiter = "/",
            Encoding = Amazon.S3.EncodingType.Url,
        };
        ListObjectsV2Response page;
        do
        {
            page = await bucket.ListAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var found in (page.S3Objects ?? []).Where(found => found.Key is not null))
            {
                var key = page.Encoding == Amazon.S3.EncodingType.Url ? Uri.UnescapeDataString(found.Key.Replace('+', ' ')) : found.Key;
                if (!key.StartsWith(bucket.Prefix, StringComparison.Ordinal) || !IsOurName(key[bucket.Prefix.Length..])) continue;
                if (!(found.LastModified?.ToUniversalTime() <= Oldest)) continue;
                if (kept.Holds(key[bucket.Prefix.Length..])) continue;
                if (await bucket.HeadAsync(key, cancellationToken).ConfigureAwait(false) is not ({ IsTemporary: true } or { Id: ProbePrefix }))
                    continue;
                await bucket.EraseAsync(key, versions: null, cancellationToken).ConfigureAwait(false);
                removed++;
            }

            request.ContinuationToken = S3Pages.Next(
                bucket.Show(bucket.Prefix),
                page.IsTruncated,
                request.ContinuationToken,
                page.NextContinuationToken);
        }
        while (request.ContinuationToken is not null);
        return removed;
    }

    /// <summary>Whether a name below the prefix has the pattern that only NasSync uses.</summary>
    public static bool IsOurName(string name) => OurName().IsMatch(name);

    private async Task<bool> AbortAsync(PendingUpload upload, CancellationToken cancellationToken)
    {
        if (!bucket.TryWorkOn(upload.UploadId)) return false;
        try
        {
            await S3Upload.AbortAsync(bucket, uploads, upload.Key, upload.UploadId, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            bucket.LeaveOff(upload.UploadId);
        }
    }

    [GeneratedRegex(@"^(\.[0-9a-f]{32}\" + AtomicFile.PartSuffix + @"|\" + ProbePrefix + "[0-9a-f]{32})$", RegexOptions.CultureInvariant)]
    private static partial Regex OurName();
}
