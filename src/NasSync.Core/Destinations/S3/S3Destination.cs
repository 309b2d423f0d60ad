using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>
/// A bucket of an S3 server, below a prefix. An object appears whole or not at all. The time of change is kept in the metadata; a listing
/// shows the server's own time, since it does not hold the metadata.
/// </summary>
internal sealed class S3Destination : IDestination
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(7);

    private readonly S3Bucket _bucket;
    private readonly IUploadMemory _uploads;
    private readonly TimeProvider _time;
    private readonly MemoryBudget _memory;
    private readonly SemaphoreSlim _probing = new(1);
    private S3Abilities? _abilities;
    private bool _bucketSeen;

    /// <param name="config">Which bucket.</param>
    /// <param name="environment">The variables that references to secrets may name.</param>
    /// <param name="uploads">Remembers unfinished uploads; null: only while this object lives.</param>
    /// <param name="options">How it is worked; null: the defaults.</param>
    /// <param name="time">Dates receipts and measures idleness; null: the system's clock.</param>
    public S3Destination(
        S3DestinationConfig config,
        IReadOnlyDictionary<string, string> environment,
        IUploadMemory? uploads = null,
        S3Options? options = null,
        TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _uploads = uploads ?? new UploadsInMemory();
        _bucket = new S3Bucket(config, environment, options ?? new(), _time);
        _memory = new MemoryBudget(_bucket.Options.MemoryBudget);
    }

    /// <inheritdoc/>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        var abilities = await AbilitiesAsync(cancellationToken).ConfigureAwait(false);
        return new Capabilities
        {
            AtomicReplace = true,
            CreateOnly = abilities.Conditions == ConditionalWrites.Honoured,
            ServerHash = abilities.ProvesMd5 ? "md5" : null,
            Resume = true,
            Mtime = true,
            MtimePrecisionNs = 1,
            CaseSensitive = true,
            LongestName = 1024 - System.Text.Encoding.UTF8.GetByteCount(_bucket.Prefix),
            Server = $"S3 at {_bucket.Server}; conditional writes {abilities.Conditions.ToString().ToLowerInvariant()}",
        };
    }

    /// <inheritdoc/>
    public async ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken)
    {
        var found = await _bucket.HeadAsync(_bucket.KeyOf(path), cancellationToken).ConfigureAwait(false);

        // The answer to HEAD has no body: a missing bucket looks like a missing object.
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
            page = await _bucket.CallAsync("list", prefix, (client, token) => client.ListObjectsV2Async(request, token), cancellationToken).ConfigureAwait(false);
            foreach (var found in page.S3Objects ?? [])
            {
                // Keys that are no path (a console's folder marks, a backslash) are no files of ours.
                var key = page.Encoding == EncodingType.Url ? Uri.UnescapeDataString(found.Key.Replace('+', ' ')) : found.Key;
                if (!key.StartsWith(prefix, StringComparison.Ordinal) || !RelativePath.TryParse(key[_bucket.Prefix.Length..], out var path, out _)) continue;
                yield return new(path, new FileState(found.Size ?? 0, S3Object.Nanoseconds(found.LastModified), 0, 0));
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    /// <inheritdoc/>
    public async ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken)
    {
        // The hash in the metadata only says what somebody believed to have sent.
        var hash = await _bucket.ReadBackAsync(_bucket.KeyOf(path), cancellationToken).ConfigureAwait(false);
        if (hash is null) await RequireBucketAsync(cancellationToken).ConfigureAwait(false);
        return hash is null ? null : (hash, VerifiedBy.ReadBack);
    }

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var key = _bucket.KeyOf(request.Path);
        var abilities = await AbilitiesAsync(cancellationToken).ConfigureAwait(false);
        if (request.Size <= _bucket.Options.SinglePutLimit) return new S3PutSession(_bucket, key, abilities, request, _uploads, _time);
        return await S3MultipartSession.BeginAsync(_bucket, key, abilities, request, _uploads, _memory, _time, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, CancellationToken cancellationToken)
    {
        var key = _bucket.KeyOf(path);
        var found = await _bucket.HeadAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new FailureException(new Failure(
            FailureClass.Transient, "TargetChanged", $"{_bucket.Show(key)} has vanished since it was read.", "Run again to plan anew."));
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
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await _bucket.DeleteAsync(_bucket.KeyOf(path), null, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Ends the uploads that an earlier run began and nobody finished within seven days; they cost room that no listing shows. Uploads that
    /// are not remembered as ours are left alone.
    /// </summary>
    /// <returns>How many were ended.</returns>
    public async Task<int> AbortAbandonedAsync(CancellationToken cancellationToken)
    {
        var ended = 0;
        var ours = _uploads.All().ToDictionary(upload => upload.UploadId, StringComparer.Ordinal);
        if (ours.Count == 0) return 0;
        var oldest = _time.GetUtcNow().UtcDateTime - AbandonedAfter;
        var request = new ListMultipartUploadsRequest { BucketName = _bucket.Name, Prefix = _bucket.Prefix };
        ListMultipartUploadsResponse page;
        do
        {
            page = await _bucket.CallAsync("list uploads of", _bucket.Prefix, (client, token) => client.ListMultipartUploadsAsync(request, token), cancellationToken).ConfigureAwait(false);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                if (!ours.TryGetValue(upload.UploadId, out var known) || !(upload.Initiated?.ToUniversalTime() <= oldest)) continue;
                await S3Upload.AbortAsync(_bucket, _uploads, known.Key, known.UploadId, cancellationToken).ConfigureAwait(false);
                ended++;
            }

            request.KeyMarker = page.NextKeyMarker;
            request.UploadIdMarker = page.NextUploadIdMarker;
        }
        while (page.IsTruncated == true);
        return ended;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _bucket.Dispose();
        _probing.Dispose();
        return default;
    }

    private async ValueTask<S3Abilities> AbilitiesAsync(CancellationToken cancellationToken)
    {
        if (_abilities is { } known) return known;
        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _abilities ??= await S3Abilities.ProbeAsync(_bucket, cancellationToken).ConfigureAwait(false);
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
        await _bucket.CallAsync("list", _bucket.Prefix, (client, token) => client.ListObjectsV2Async(request, token), cancellationToken).ConfigureAwait(false);
        _bucketSeen = true;
    }
}
