using System.Runtime.CompilerServices;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>
/// A bucket of an S3 server, below a prefix. An object appears completely or not at all. The modification time is kept in the metadata; a listing
/// shows the server's own time, because it does not contain the metadata.
/// </summary>
internal sealed class S3Destination : IDestination, IRemovesVersions
{
    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(10);

    private readonly S3Bucket _bucket;
    private readonly IUploadMemory _uploads;
    private readonly TimeProvider _time;
    private readonly KeptNames _kept;
    private readonly MemoryBudget _memory;
    private readonly SemaphoreSlim _probing = new(1);
    private S3Abilities? _abilities;
    private S3Retention? _retention;
    private readonly CancellationTokenSource _ending = new();
    private Task? _sweep;
    private int _isSwept;
    private bool _bucketSeen;

    /// <param name="config">Bucket, server and keys.</param>
    /// <param name="environment">The variables that references to secrets may name.</param>
    /// <param name="uploads">Remembers unfinished uploads; null: only for the lifetime of this object.</param>
    /// <param name="options">Sizes, limits and time-outs; null: the defaults.</param>
    /// <param name="time">Dates receipts and measures idleness; null: the system's clock.</param>
    /// <param name="kept">Names that no sweep may remove; null when there is no ledger.</param>
    /// <param name="log">Receives diagnostic messages; null: nowhere.</param>
    public S3Destination(
        S3DestinationConfig config,
        IReadOnlyDictionary<string, string> environment,
        IUploadMemory? uploads = null,
        S3Options? options = null,
        TimeProvider? time = null,
        KeptNames? kept = null,
        ILogger? log = null)
    {
        _kept = kept ?? KeptNames.None;
        _time = time ?? TimeProvider.System;
        _uploads = uploads ?? new UploadsInMemory();
        _bucket = new S3Bucket(config, environment, options ?? new(), _time, log);
        _memory = new MemoryBudget(_bucket.Options.MemoryBudget);
    }

    /// <inheritdoc/>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        // This query comes first and changes nothing: its answer shows a server that is not S3, or a missing bucket.
        await RequireBucketAsync(cancellationToken).ConfigureAwait(false);
        var abilities = await AbilitiesAsync(cancellationToken).ConfigureAwait(false);
        _retention ??= await S3Retention.AskAsync(_bucket, abilities, cancellationToken).ConfigureAwait(false);
        return new Capabilities
        {
            // OpenStack Swift is such a server. It lists the object's folder and then opens the file that it found there: where that one was replaced
            // meanwhile, it answers that there is no object.
            AtomicReplace = abilities.Conditions != ConditionalWrites.Refused,
            CreateOnly = abilities.Conditions == ConditionalWrites.Honoured,
            ServerHash = abilities.ProvesMd5 ? "md5" : null,
            Resume = true,
            Mtime = true,
            MtimePrecisionNs = 1,
            CaseSensitive = true,
            LongestName = 1024 - Encoding.UTF8.GetByteCount(_bucket.Prefix),
            Server = $"S3 at {_bucket.Server}; conditional writes {abilities.Conditions.ToString().ToLowerInvariant()}{_retention}",
        };
    }

    /// <inheritdoc/>
    public async ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken)
    {
        var found = await _bucket.HeadAsync(_bucket.KeyOf(path), cancellationToken).ConfigureAwait(false);

        // The answer to HEAD has no body, so a missing bucket looks like a missing object.
        if (found is null) await RequireBucketAsync(cancellationToken).ConfigureAwait(false);
        return found?.State;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = folder is null ? _bucket.Prefix : _bucket.KeyOf(folder) + "/";
        var request = new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = prefix, Delimiter = "/", Encoding = EncodingType.Url };
        ListObjectsV2Response page;
        do
        {
            page = await _bucket.ListAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var found in (page.S3Objects ?? []).Where(found => found.Key is not null))
            {
                // Keys that are not valid paths (folder markers of a console, a backslash) are not our files.
                var key = page.Encoding == EncodingType.Url ? Uri.UnescapeDataString(found.Key.Replace('+', ' ')) : found.Key;
                if (!key.StartsWith(prefix, StringComparison.Ordinal) || !RelativePath.TryParse(key[_bucket.Prefix.Length..], out var path, out _))
                    continue;
                yield return new(path, new FileState(found.Size ?? 0, S3Object.Nanoseconds(found.LastModified), 0, 0));
            }

            request.ContinuationToken = S3Pages.Next(_bucket.Show(prefix), page.IsTruncated, request.ContinuationToken, page.NextContinuationToken);
        }
        while (request.ContinuationToken is not null);
    }

    /// <inheritdoc/>
    public async ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
    {
        // The hash in the metadata is only the sender's claim.
        var hash = await _bucket.ReadBackAsync(_bucket.KeyOf(path), cancellationToken).ConfigureAwait(false);
        if (hash is null) await RequireBucketAsync(cancellationToken).ConfigureAwait(false);
        return hash is null ? null : (hash, VerifiedBy.ReadBack);
    }

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var key = _bucket.KeyOf(request.Path);
        var abilities = await AbilitiesAsync(cancellationToken).ConfigureAwait(false);
        BeginSweep();
        var write = new S3Write(_bucket, key, abilities, request, _uploads, _time);
        if (request.Size <= _bucket.Options.SinglePutLimit) return new S3PutSession(write);
        return await S3MultipartSession.BeginAsync(write, _memory, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken)
    {
        var key = _bucket.KeyOf(path);
        var found = await _bucket.HeadAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new FailureException(new Failure(
            FailureClass.Transient,
            "TargetChanged",
            $"{_bucket.Show(key)} has vanished since it was read.",
            "Nothing to do: a watcher or the next run plans it again."));
        return new CommitReceipt
        {
            Size = found.State.Size,
            Sha256 = sha256,
            VerifiedBy = VerifiedBy.ReadBack,
            Durability = Durability.ServerAcknowledged,
            CommittedAt = _time.GetUtcNow(),
            Target = found.State,
        };
    }

    /// <inheritdoc/>
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken)
    {
        var key = _bucket.KeyOf(path);
        var staged = S3WriteSession.StagedKeyOf(_bucket, key);
        await S3Upload.EndOthersAsync(_bucket, _uploads, key, null, cancellationToken).ConfigureAwait(false);
        await S3Upload.EndOthersAsync(_bucket, _uploads, staged, null, cancellationToken).ConfigureAwait(false);

        // Looks first: in a versioned bucket, removing a missing object would create a delete marker.
        if (Encoding.UTF8.GetByteCount(staged) > S3Bucket.LongestKey) return;
        if (await _bucket.HeadAsync(staged, cancellationToken).ConfigureAwait(false) is { IsTemporary: true })
            await _bucket.EraseAsync(staged, null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await _bucket.DeleteAsync(_bucket.KeyOf(path), null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RemoveVersionsAsync(RelativePath folder, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (key, version) in await _bucket.VersionsAsync(_bucket.KeyOf(folder) + "/", cancellationToken).ConfigureAwait(false))
                await _bucket.DeleteAsync(key, version, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException e) when (!e.Failure.IsTransient)
        {
            // Not every server has versions, and not every key may remove them.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _sweep, null) is { } sweep)
        {
            // A run with one small file leaves the sweep no other time to finish.
            await Task.WhenAny(sweep, Task.Delay(SweepPatience, _time)).ConfigureAwait(false);
            await _ending.CancelAsync().ConfigureAwait(false);
            await sweep.ConfigureAwait(false);
        }

        _bucket.Dispose();
        _probing.Dispose();
        _ending.Dispose();
    }

    // Runs beside the copies, once, and only in a run that copies: a run with nothing to do sends the server no request.
    private void BeginSweep()
    {
        if (Interlocked.Exchange(ref _isSwept, 1) == 1) return;
        var ending = _ending.Token;
        _sweep = Task.Run(() => new S3Sweep(_bucket, _uploads, _time, _kept).RunAsync(ending), CancellationToken.None);
    }

    private async ValueTask<S3Abilities> AbilitiesAsync(CancellationToken cancellationToken)
    {
        if (_abilities is { } known) return known;
        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _abilities ??= await S3Abilities.ProbeAsync(_bucket, _uploads, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    private async ValueTask RequireBucketAsync(CancellationToken cancellationToken)
    {
        if (_bucketSeen || _abilities is not null) return;
        var request = new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = _bucket.Prefix, MaxKeys = 1 };
        await _bucket.ListAsync(request, cancellationToken).ConfigureAwait(false);
        _bucketSeen = true;
    }
}
