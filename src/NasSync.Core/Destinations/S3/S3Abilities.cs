using Amazon.S3.Model;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>The abilities of a server, found by a small test object that is removed again.</summary>
internal sealed record S3Abilities
{
    /// <summary>How the server treats <c>If-None-Match</c> and <c>If-Match</c> on a PUT.</summary>
    public required ConditionalWrites Conditions { get; init; }

    /// <summary>The server refuses a body whose Content-MD5 is wrong.</summary>
    public required bool ChecksMd5 { get; init; }

    /// <summary>Over plain HTTP: the server accepts a body outside the signature, and refuses it when its Content-MD5 is wrong.</summary>
    public bool ChecksUnsigned { get; init; }

    /// <summary>The entity tag of an object is the MD5 of its bytes.</summary>
    public required bool ETagIsMd5 { get; init; }

    /// <summary>
    /// The form of an entity tag in <c>If-Match</c> that the server accepts: true quoted as in HTTP, false bare as in Ceph, null none.
    /// </summary>
    public required bool? QuotesTags { get; init; }

    /// <summary>The server returned a version id for a PUT, so it keeps old versions.</summary>
    public bool KeepsVersions { get; init; }

    /// <summary>The key may not remove versions by id, so those of the probe remain.</summary>
    public bool LeavesVersions { get; init; }

    /// <summary>The server itself verifies the bytes of a PUT or a part.</summary>
    public bool ProvesMd5 => ChecksMd5 || ETagIsMd5;

    /// <summary>Whether the MD5 protects a body as well as a signature does, so that the body need not be hashed again for the signature.</summary>
    public bool MaySendUnsigned(S3Bucket bucket) => bucket.IsEncrypted ? ProvesMd5 : ChecksUnsigned;

    // Stands for a fingerprint: marks a remembered key as that of a probe.
    private const string OfProbe = "probe";

    /// <summary>Probes the server. The test object is remembered while it exists, so that the next probe removes it after a kill.</summary>
    public static async Task<S3Abilities> ProbeAsync(S3Bucket bucket, IUploadMemory uploads, CancellationToken cancellationToken)
    {
        foreach (var left in uploads.All().Where(upload => upload.Fingerprint == OfProbe)) await TidyAsync(left.Key, null).ConfigureAwait(false);
        var key = $"{bucket.Prefix}{S3Sweep.ProbePrefix}{Guid.NewGuid():N}";
        var body = "nassync"u8.ToArray();
        var other = "another"u8.ToArray();
        uploads.Remember(new PendingUpload(key, OfProbe, PendingUpload.NotNamedYet));
        var made = false;
        var isErased = true;
        var versions = new List<string>();
        S3Abilities seen;
        try
        {
            var checksUnsigned = !bucket.IsEncrypted && await RefusesUnsignedAsync().ConfigureAwait(false);
            var checksMd5 = checksUnsigned
                || await RefusesAsync(request => request.MD5Digest = Convert.ToBase64String(Md5.Of(other))).ConfigureAwait(false);
            var tag = await TagOfAsync(await PutAsync(_ => { }).ConfigureAwait(false)).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.S3Probing);
            var conditions = await ConditionsAsync().ConfigureAwait(false);
            seen = new S3Abilities
            {
                ChecksMd5 = checksMd5,
                ChecksUnsigned = checksUnsigned,
                ETagIsMd5 = tag == Md5.Hex(Md5.Of(body)),
                Conditions = conditions,
                QuotesTags = conditions == ConditionalWrites.Honoured ? await QuotesTagsAsync(tag).ConfigureAwait(false) : null,
            };
        }
        finally
        {
            if (made) isErased = await TidyAsync(key, versions).ConfigureAwait(false);
            else uploads.Forget(key, PendingUpload.NotNamedYet);
        }

        return seen with { KeepsVersions = versions.Exists(one => one is not "null"), LeavesVersions = !isErased };

        async Task<bool> TidyAsync(string probe, IReadOnlyCollection<string>? named)
        {
            try
            {
                var isAll = await bucket.EraseAsync(probe, named, CancellationToken.None).ConfigureAwait(false);
                uploads.Forget(probe, PendingUpload.NotNamedYet);
                return isAll;
            }
            catch (FailureException e)
            {
                // Copies can still be made in a bucket that never removes anything.
                // After a lost connection the key stays remembered, and the next probe removes the object.
                return e.Failure.IsTransient;
            }
        }

        // An answer without a tag may be anything with status 200, such as a web page; only a HEAD tells, as for a copy.
        async Task<string> TagOfAsync(PutObjectResponse answer)
        {
            if (S3Object.Bare(answer.ETag) is { Length: > 0 } named) return named;
            var found = await bucket.HeadAsync(key, cancellationToken).ConfigureAwait(false);
            if (found is { Id: S3Sweep.ProbePrefix } && found.State.Size == body.Length) return found.ETag;
            throw new FailureException(S3Errors.NotS3("write", bucket.Show(key), bucket.Server));
        }

        Task<PutObjectResponse> PutAsync(Action<PutObjectRequest> change) => bucket.CallAsync("write", key, async (client, token) =>
        {
            using var stream = new MemoryStream(body, writable: false);
            var request =
                new PutObjectRequest { BucketName = bucket.Name, Key = key, InputStream = stream, AutoCloseStream = false, UseChunkEncoding = false };
            bucket.Config.ApplyEncryption(request);
            request.Metadata[S3Metadata.Id] = S3Sweep.ProbePrefix;
            change(request);
            var answer = await client.PutObjectAsync(request, token).ConfigureAwait(false);
            made = true;
            if (answer.VersionId is { Length: > 0 } version) versions.Add(version);
            return answer;
        }, cancellationToken);

        async Task<bool?> QuotesTagsAsync(string etag)
        {
            foreach (var quotes in (bool[])[true, false])
            {
                try
                {
                    await PutAsync(request => request.IfMatch = quotes ? $"\"{etag}\"" : etag).ConfigureAwait(false);
                    return quotes;
                }
                catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict || e.Failure.Code is "NotSupported" or "RequestRefused")
                {
                    // Try the other form.
                }
            }

            return null;
        }

        async Task<bool> RefusesUnsignedAsync()
        {
            try
            {
                return await RefusesAsync(request =>
                {
                    request.MD5Digest = Convert.ToBase64String(Md5.Of(other));
                    S3Client.LeaveUnsigned(request, isEncrypted: false);
                }).ConfigureAwait(false);
            }
            catch (FailureException e) when (!e.Failure.IsTransient)
            {
                // The server may refuse it for any reason; the signed request that follows reports the true cause.
                return false;
            }
        }

        async Task<bool> RefusesAsync(Action<PutObjectRequest> change)
        {
            try
            {
                await PutAsync(change).ConfigureAwait(false);
                return false;
            }
            catch (FailureException e) when (e.Failure.Code == "CopyCorrupt")
            {
                return true;
            }
        }

        async Task<ConditionalWrites> ConditionsAsync()
        {
            try
            {
                await PutAsync(request => request.IfNoneMatch = "*").ConfigureAwait(false);
                return ConditionalWrites.Ignored;
            }
            catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
            {
                return ConditionalWrites.Honoured;
            }
            catch (FailureException e) when (e.Failure.Code is "NotSupported" or "RequestRefused")
            {
                return ConditionalWrites.Refused;
            }
        }
    }
}

/// <summary>How a server treats a condition on a write.</summary>
internal enum ConditionalWrites
{
    /// <summary>The server checks and writes in one step.</summary>
    Honoured,

    /// <summary>The server writes as if there were no condition.</summary>
    Ignored,

    /// <summary>The server refuses the request.</summary>
    Refused,
}
