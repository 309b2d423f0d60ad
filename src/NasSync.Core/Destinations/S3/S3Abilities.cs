using Amazon.S3.Model;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>What a server was seen to do with a small object that was made for the question and removed again.</summary>
internal sealed record S3Abilities
{
    /// <summary>What the server does with <c>If-None-Match</c> and <c>If-Match</c> on a PUT.</summary>
    public required ConditionalWrites Conditions { get; init; }

    /// <summary>A body whose Content-MD5 is wrong is refused.</summary>
    public required bool ChecksMd5 { get; init; }

    /// <summary>On an open line: a body that is no part of the signature is taken, and refused when its Content-MD5 is wrong.</summary>
    public bool ChecksUnsigned { get; init; }

    /// <summary>The entity tag of an object is the MD5 of its bytes.</summary>
    public required bool ETagIsMd5 { get; init; }

    /// <summary>
    /// How the server takes an entity tag in <c>If-Match</c>: true in quotes as HTTP wants it, false bare as Ceph does, null not at all.
    /// </summary>
    public required bool? QuotesTags { get; init; }

    /// <summary>The server gave what was written the name of a version: former versions are kept.</summary>
    public bool KeepsVersions { get; init; }

    /// <summary>The key may not remove versions by their names, so that those of the probe have stayed.</summary>
    public bool LeavesVersions { get; init; }

    /// <summary>The server itself proves the bytes of a PUT or a part.</summary>
    public bool ProvesMd5 => ChecksMd5 || ETagIsMd5;

    /// <summary>The MD5 proves a body as well as a signature over it, so that nobody needs to hash it once more.</summary>
    public bool MaySendUnsigned(S3Bucket bucket) => bucket.IsEncrypted ? ProvesMd5 : ChecksUnsigned;

    // In place of a fingerprint: the remembered key is a probe's.
    private const string OfProbe = "probe";

    /// <summary>Asks the server, with an object that is remembered while it is there: the next probe removes what a killed one has left.</summary>
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
            catch (FailureException)
            {
                // A bucket that keeps everything for ever is still a place to copy to.
                return true;
            }
        }

        // An answer without a tag may be anything that came with status 200, a web page among it: a look tells, as it does for a copy.
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
                    // The other form, or none.
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
                // Whatever it is that the server does not like, the signed request after this one tells.
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

/// <summary>What a server does with a condition on a write.</summary>
internal enum ConditionalWrites
{
    /// <summary>The check and the write are one step.</summary>
    Honoured,

    /// <summary>It writes as if nothing had been asked.</summary>
    Ignored,

    /// <summary>It refuses the request.</summary>
    Refused,
}
