namespace NasSync.Destinations.S3;

/// <summary>What a bucket keeps of objects that are overwritten or removed; null is not known, since not every key may ask.</summary>
/// <param name="Versions">Former versions stay.</param>
/// <param name="Locked">Objects cannot be removed for a time: its length, as people say it, or empty when each object says so itself.</param>
internal sealed record S3Retention(bool? Versions, string? Locked)
{
    /// <summary>Asks the server.</summary>
    public static async Task<S3Retention> AskAsync(S3Bucket bucket, CancellationToken cancellationToken)
    {
        var versions = TryAsync(async (client, token) =>
            (await client.GetBucketVersioningAsync(
                new Amazon.S3.Model.GetBucketVersioningRequest { BucketName = bucket.Name },
                token).ConfigureAwait(false)).VersioningConfig?.Status?.Value);
        var rule = TryAsync(async (client, token) =>
        {
            var answer = await client.GetObjectLockConfigurationAsync(new() { BucketName = bucket.Name }, token).ConfigureAwait(false);
            return answer.ObjectLockConfiguration is not { ObjectLockEnabled.Value: "Enabled" } locks ? null
                : locks.Rule?.DefaultRetention is not { } retention ? ""
                : retention.Days is > 0 and var days ? $"{days} days" : $"{retention.Years} years";
        });
        var (isKnown, status) = await versions.ConfigureAwait(false);
        return new S3Retention(isKnown ? status == "Enabled" : null, (await rule.ConfigureAwait(false)).Answer);

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

    /// <summary>For people; empty when there is nothing to tell.</summary>
    public override string ToString() =>
        (Versions == true ? "; former versions are kept" : "")
        + (Locked is null ? "" : Locked.Length == 0 ? "; objects can be locked" : $"; objects are locked for {Locked}");
}
