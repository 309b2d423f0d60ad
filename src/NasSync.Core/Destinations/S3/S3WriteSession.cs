using System.Text;
using NasSync.Files;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>
/// The parts that all copies to S3 share: the check of the target, the proof, the receipt. Subclasses transfer the bytes. A copy that must be read
/// back and replaces an object is first proven under a temporary key, because an overwritten object cannot be restored.
/// </summary>
internal abstract class S3WriteSession(S3Write write) : IWriteSession
{
    private bool _replaces;

    /// <summary>The bucket of the copy.</summary>
    protected S3Bucket Bucket => write.Bucket;

    /// <summary>The object's whole key.</summary>
    protected string Key => write.Key;

    /// <summary>The key that receives the bytes: the final key, or a temporary one below the prefix.</summary>
    protected string UploadKey { get; } = UploadKeyOf(write);

    /// <summary>The remembered unfinished uploads.</summary>
    protected IUploadMemory Uploads => write.Uploads;

    /// <summary>The parts in which the bytes were sent, with their tags.</summary>
    protected abstract S3Parts Parts { get; }

    /// <summary>The abilities of the server.</summary>
    protected S3Abilities Abilities => write.Abilities;

    /// <summary>The request for the copy.</summary>
    protected WriteRequest Request => write.Request;

    /// <inheritdoc/>
    public abstract long ResumeAt { get; }

    /// <summary>Whether the bytes have become an object, under the final key or the temporary one.</summary>
    protected bool Published { get; private set; }

    /// <summary>Whether a later attempt can use nothing of what was sent.</summary>
    protected bool IsUseless { get; set; }

    /// <summary>Whether to send a condition with a write: the server honours it, or at least does not refuse it.</summary>
    protected bool MaySendConditions => Abilities.Conditions != ConditionalWrites.Refused;

    /// <summary>Whether the server verified the bytes on arrival, so that they need not be read back.</summary>
    protected abstract bool ProvenOnTheWay { get; }

    /// <inheritdoc/>
    public abstract ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        await FinishAsync(sha256, cancellationToken).ConfigureAwait(false);
        var condition = await CheckTargetAsync(cancellationToken).ConfigureAwait(false);
        var isStaged = UploadKey != Key;
        var expected = await PublishAsync(sha256, isStaged ? Condition.None : condition, cancellationToken).ConfigureAwait(false);
        Published = true;
        return new CommitReceipt
        {
            Size = Request.Size,
            Sha256 = sha256,
            VerifiedBy = isStaged
                ? await ProveAndMoveAsync(sha256, expected, cancellationToken).ConfigureAwait(false)
                : await ProveAsync(sha256, expected).ConfigureAwait(false),
            Durability = Durability.ServerAcknowledged,
            CommittedAt = write.Time.GetUtcNow(),
            Target = new FileState(Request.Size, Request.MtimeNs, 0, 0),
        };
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>The key that receives the bytes of a copy.</summary>
    protected static string UploadKeyOf(S3Write write)
    {
        if (write.Request is not { Replaces: not null, Verify: VerifyLevel.Readback, Size: > 0 }) return write.Key;

        var part = StagedKeyOf(write.Bucket, write.Key);

        // When the temporary key would be too long, the copy goes directly to the final key; a damaged object is then reported, not removed.
        return Encoding.UTF8.GetByteCount(part) <= S3Bucket.LongestKey ? part : write.Key;
    }

    /// <summary>The temporary key for a final key, whatever the content: the next copy overwrites what a killed run left there.</summary>
    /// <remarks>Plain letters directly below the prefix, because servers decode the source key of a copy in different ways.</remarks>
    public static string StagedKeyOf(S3Bucket bucket, string key) =>
        $"{bucket.Prefix}.{S3Metadata.IdOf(key)}{AtomicFile.PartSuffix}";

    /// <summary>Sends the rest to the server and checks that everything was sent; nothing is visible yet.</summary>
    protected abstract Task FinishAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Makes the object visible. When the answer is lost, a HEAD settles the outcome.</summary>
    protected abstract Task<Publication> PublishAsync(string sha256, Condition condition, CancellationToken cancellationToken);

    /// <summary>
    /// The object at a key if it is this copy: then the request succeeded although its answer was lost, or refused as a repetition. Otherwise null.
    /// The usual proof of the bytes follows in any case.
    /// </summary>
    /// <param name="at">The key.</param>
    /// <param name="expected">The tag that the bytes must have where tags are MD5.</param>
    /// <param name="version">The version id in the answer.</param>
    protected async Task<Publication?> LookAsync(string at, string expected, string? version = null)
    {
        try
        {
            var found = await Bucket.HeadAsync(at, CancellationToken.None).ConfigureAwait(false);
            return found is not null && found.Id == S3Metadata.IdOf(Request.Fingerprint) && found.State.Size == Request.Size
                ? new Publication(found.ETag, expected, version)
                : null;
        }
        catch (FailureException)
        {
            // Report the error that led here instead.
            return null;
        }
    }

    /// <summary>The failure for a target that is not as the planner saw it.</summary>
    private FailureException Taken() => new(new Failure(
        FailureClass.Conflict,
        "TargetChanged",
        $"{Bucket.Show(Key)} was made or changed by someone else while the copy was on its way; it was left as it is.",
        "Nothing to do: a watcher or the next run plans it again."));

    /// <summary>The failure for bytes that are not the source's.</summary>
    protected FailureException Corrupt(string how) => new(new Failure(
        FailureClass.Transient,
        "CopyCorrupt",
        $"The copy for {Bucket.Show(Key)} is not the source: {how}; it was discarded.",
        "The next run copies again; if it happens twice, test the memory and the network, and the server's disks."));

    private FailureException ReplacedDamaged(string how) => new(new Failure(
        FailureClass.Mismatch,
        "ReplacedDamaged",
        $"{Bucket.Show(Key)} was replaced, and what stands there now is not the source: {how}; it was left there, since the former object is gone.",
        "Remove it and run again, or bring the former object back from a backup; if it happens twice, test the server's disks."));

    // Saves the HEAD where the server itself checks that the key is free.
    private async Task<Condition> CheckTargetAsync(CancellationToken cancellationToken)
    {
        if (Request.Replaces is null && Abilities.Conditions == ConditionalWrites.Honoured && this is S3PutSession) return Condition.Absent;
        var found = await Bucket.HeadAsync(Key, cancellationToken).ConfigureAwait(false);

        // Some servers report an object as missing while another request replaces it.
        if (found is null && Request.Replaces is not null) found = await Bucket.HeadAsync(Key, cancellationToken).ConfigureAwait(false);
        _replaces = false;
        if (found is null) return Condition.Absent;
        if (Request.Replaces is not { } seen || found.State.Size != seen.Size || found.State.MtimeNs != seen.MtimeNs)
        {
            IsUseless = true;
            throw Taken();
        }

        _replaces = true;
        return new Condition(null, Abilities.QuotesTags is { } quotes && found.ETag.Length > 0 ? quotes ? $"\"{found.ETag}\"" : found.ETag : null);
    }

    private async Task<VerifiedBy> ProveAndMoveAsync(string sha256, Publication staged, CancellationToken cancellationToken)
    {
        try
        {
            var hash = await Bucket.ReadBackAsync(UploadKey, cancellationToken).ConfigureAwait(false);
            if (hash != sha256) throw Corrupt($"its SHA-256 read back is {hash ?? "that of nothing"}, the source's is {sha256}");

            CrashPoint.Reach(CrashPoint.S3StagedProven);

            // Reading took time, so check the target again.
            var condition = await CheckTargetAsync(cancellationToken).ConfigureAwait(false);
            var parts = Parts;
            var (tag, version) = await MoveAsync(
                parts,
                sha256,
                MaySendConditions ? condition : Condition.None,
                cancellationToken).ConfigureAwait(false);

            CrashPoint.Reach(CrashPoint.S3Moved);

            // The server's tag proves that it copied the bytes that were read; without such a tag, the copy is read too.
            if (Abilities.ETagIsMd5 && tag == parts.ETag) return VerifiedBy.ReadBack;
            return await ProveAsync(sha256, new Publication(tag, parts.ETag, version)).ConfigureAwait(false);
        }
        finally
        {
            await TidyAsync(staged.Version).ConfigureAwait(false);
        }
    }

    // The tag is empty when the answer was lost and only a HEAD showed the copy: then it is proven by reading.
    private async Task<(string Tag, string? Version)> MoveAsync(
        S3Parts parts,
        string sha256,
        Condition condition,
        CancellationToken cancellationToken)
    {
        try
        {
            var answer = await new S3ServerCopy(Bucket, Uploads, Request, Abilities.ETagIsMd5)
                .MakeAsync(UploadKey, Key, parts, sha256, condition, cancellationToken).ConfigureAwait(false);
            return (S3Object.Bare(answer.ETag), answer.VersionId);
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict || e.Failure.IsTransient)
        {
            if (await LookAsync(Key, "").ConfigureAwait(false) is not { } done || (Abilities.ETagIsMd5 && done.ETag != parts.ETag)) throw;
            return ("", null);
        }
    }

    private async Task TidyAsync(string? version)
    {
        try
        {
            if (string.IsNullOrEmpty(version)) await Bucket.DeleteAsync(UploadKey, null, CancellationToken.None).ConfigureAwait(false);
            else await Bucket.EraseAsync(UploadKey, [version], CancellationToken.None).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.S3Tidied);
        }
        catch (FailureException)
        {
            // Report the outcome of the copy instead; the next copy to this key overwrites the temporary object.
        }
    }

    private async Task<VerifiedBy> ProveAsync(string sha256, Publication published)
    {
        // From here on the object is visible, so the proof is completed even when the run is stopping.
        switch (Request.Verify)
        {
            case VerifyLevel.Size:
                var found = await Bucket.HeadAsync(Key, CancellationToken.None).ConfigureAwait(false);
                if (found?.State.Size != Request.Size)
                    throw await DiscardAsync(
                        published,
                        $"it has {found?.State.Size ?? 0} bytes, the source has {Request.Size}").ConfigureAwait(false);
                return VerifiedBy.SizeOnly;
            case VerifyLevel.Checksum when ProvenOnTheWay && (!Abilities.ETagIsMd5 || published.ETag == published.ExpectedETag):
                return VerifiedBy.ServerHash;
            default:
                // Reached also when the server verifies nothing, or when its tag is not the expected one.
                var hash = await Bucket.ReadBackAsync(Key, CancellationToken.None).ConfigureAwait(false);
                if (hash != sha256)
                    throw await DiscardAsync(
                        published,
                        $"its SHA-256 read back is {hash ?? "that of nothing"}, the source's is {sha256}").ConfigureAwait(false);
                return VerifiedBy.ReadBack;
        }
    }

    // Removes only what this session made; in a versioned bucket the old version then shows again. Keeps an object that replaced one which cannot be
    // restored: a damaged file may be more useful than none.
    private async Task<FailureException> DiscardAsync(Publication published, string how)
    {
        if (_replaces && published.Version is (null or "" or "null")) return ReplacedDamaged(how);
        try
        {
            var found = await Bucket.HeadAsync(Key, CancellationToken.None).ConfigureAwait(false);
            if (found is not null && found.Id == S3Metadata.IdOf(Request.Fingerprint))
                await Bucket.DeleteAsync(Key, published.Version, CancellationToken.None).ConfigureAwait(false);
        }
        catch (FailureException e)
        {
            return Corrupt($"{how}, and it could not be removed ({e.Failure.Message.TrimEnd('.')})");
        }

        return Corrupt(how);
    }
}

/// <summary>The condition on a write to the target.</summary>
/// <param name="IfNoneMatch"><c>*</c>: the key must be free.</param>
/// <param name="IfMatch">The entity tag of the object that may be replaced, in the form that the server accepts.</param>
internal readonly record struct Condition(string? IfNoneMatch, string? IfMatch)
{
    /// <summary>The key must be free.</summary>
    public static Condition Absent => new("*", null);

    /// <summary>No condition.</summary>
    public static Condition None => default;
}

/// <summary>An object that has become visible.</summary>
/// <param name="ETag">The server's entity tag, without quotes.</param>
/// <param name="ExpectedETag">The tag that the bytes must have where tags are MD5.</param>
/// <param name="Version">The version id in a versioned bucket, otherwise null.</param>
internal readonly record struct Publication(string ETag, string ExpectedETag, string? Version);
