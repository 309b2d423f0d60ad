using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>What a bucket keeps of overwritten or removed objects; null means unknown, because not every key may ask.</summary>
/// <param name="Versions">Whether old versions are kept.</param>
/// <param name="Locked">Objects are locked for a time: its length, for people, or empty when each object has its own; null: no lock is known.</param>
/// <param name="Lacks">The rights that the key lacks, so that old versions of our temporary objects remain too; otherwise empty.</param>
internal sealed record S3Retention(bool? Versions, string? Locked, string Lacks)
{
    /// <summary>Asks the server.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="seen">The result of the probe, because not every key may ask whether versions are kept.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<S3Retention> AskAsync(S3Bucket bucket, S3Abilities seen, CancellationToken cancellationToken)
    {
        var versions = TryAsync(async (client, token) =>
            (await client.GetBucketVersioningAsync(
                new GetBucketVersioningRequest { BucketName = bucket.Name },
                token).ConfigureAwait(false)).VersioningConfig?.Status?.Value);
        var rule = TryAsync(async (client, token) =>
        {
            var answer = await client.GetObjectLockConfigurationAsync(new() { BucketName = bucket.Name }, token).ConfigureAwait(false);
            return answer.ObjectLockConfiguration is not { ObjectLockEnabled.Value: "Enabled" } locks ? null
                : locks.Rule?.DefaultRetention is not { } retention ? ""
                : retention.Days is > 0 and var days ? $"{days} days" : $"{retention.Years} years";
        });
        var (isKnown, status) = await versions.ConfigureAwait(false);
        bool? keeps = isKnown ? status == "Enabled" : seen.KeepsVersions ? true : null;
        var locked = (await rule.ConfigureAwait(false)).Answer;
        var lacks = new List<string>();
        if (keeps == true && !await MayListAsync().ConfigureAwait(false)) lacks.Add("s3:ListBucketVersions");

        // When a lock holds every object, no right is missing.
        if (keeps == true && seen.LeavesVersions && string.IsNullOrEmpty(locked)) lacks.Add("s3:DeleteObjectVersion");
        return new S3Retention(keeps, locked, string.Join(" and ", lacks));

        async Task<bool> MayListAsync()
        {
            try
            {
                var request = new ListVersionsRequest { BucketName = bucket.Name, Prefix = bucket.Prefix + S3Sweep.ProbePrefix, MaxKeys = 1 };
                await bucket.CallAsync(
                    "list the versions of",
                    bucket.Prefix,
                    (client, token) => client.ListVersionsAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (FailureException e)
            {
                return e.Failure.Class != FailureClass.Permission;
            }
        }

        async Task<(bool IsKnown, string? Answer)> TryAsync(Func<Amazon.S3.AmazonS3Client, CancellationToken, Task<string?>> ask)
        {
            try
            {
                return (true, await bucket.CallAsync("ask about the versions of", bucket.Prefix, ask, cancellationToken).ConfigureAwait(false));
            }
            catch (FailureException)
            {
                // Without a lock there is often no such configuration; many servers do not know it, and many keys may not ask.
                return (false, null);
            }
        }
    }

    /// <summary>The settings, for people; empty when there is nothing to report.</summary>
    public override string ToString() =>
        (Versions == true ? "; former versions are kept" : "")
        + (Lacks.Length == 0 ? "" : $", also those of what NasSync tries there, since the key lacks {Lacks}")
        + (Locked is null ? "" : Locked.Length == 0 ? "; objects can be locked" : $"; objects are locked for {Locked}");
}
