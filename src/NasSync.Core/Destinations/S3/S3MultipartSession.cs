using System.Buffers;
using System.Security.Cryptography;
using NasSync.Processes;

namespace NasSync.Destinations.S3;

/// <summary>
/// A large object in parts, several of them in flight at a time. Each part is checked by the server (Content-MD5) and by its entity tag. Parts of an
/// earlier attempt are not sent again. When their blocks are written all the same, they are compared first; otherwise the whole object is read back,
/// because only the fingerprint links those parts to this content.
/// </summary>
internal sealed class S3MultipartSession : S3WriteSession
{
    private readonly MemoryBudget _memory;
    private readonly string _uploadId;
    private readonly S3Parts _parts;
    private readonly List<Task> _onTheirWay = [];
    private readonly CancellationTokenSource _givenUp = new();
    private readonly IncrementalHash? _hash;
    private byte[]? _buffer;
    private int _bufferSize;
    private int _filled;
    private long _next = -1;
    private bool _skipped;
    private Task _hashed = Task.CompletedTask;

    private S3MultipartSession(S3Write write, MemoryBudget memory, string uploadId, S3Parts parts)
        : base(write)
    {
        (_memory, _uploadId, _parts) = (memory, uploadId, parts);
        _hash = Request.Verify == VerifyLevel.Size ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // A copy that replaces an object is proven before it is published, so all blocks must come here. Parts whose MD5 is known are still not sent
        // again.
        ResumeAt = Request is { Replaces: not null, Verify: VerifyLevel.Checksum } ? 0 : parts.ContiguousBytes;
    }

    /// <inheritdoc/>
    public override long ResumeAt { get; }

    /// <inheritdoc/>
    protected override bool ProvenOnTheWay => Abilities.ProvesMd5 && _next >= 0 && !_skipped;

    /// <inheritdoc/>
    protected override S3Parts Parts => _parts;

    /// <summary>Resumes the unfinished upload of this content, or begins one.</summary>
    public static async Task<S3MultipartSession> BeginAsync(S3Write write, MemoryBudget memory, CancellationToken cancellationToken)
    {
        var (bucket, request, uploads) = (write.Bucket, write.Request, write.Uploads);
        var partSize = bucket.Options.PartSizeOf(request.Size);
        var uploadKey = UploadKeyOf(write);
        await S3Upload.EndOthersAsync(bucket, uploads, uploadKey, request.Fingerprint, cancellationToken).ConfigureAwait(false);
        if (uploads.Find(uploadKey, request.Fingerprint) is { } known && bucket.TryWorkOn(known))
        {
            S3Parts? parts = null;
            try
            {
                parts = await S3Parts.ListAsync(bucket, uploadKey, known, request.Size, partSize, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (parts is null) bucket.LeaveOff(known);
            }

            if (parts is not null) return new(write, memory, known, parts);
            uploads.Forget(uploadKey, known);
        }

        var begun = await S3Upload.BeginRememberedAsync(
            bucket,
            uploads,
            uploadKey,
            request.Fingerprint,
            request,
            null,
            cancellationToken).ConfigureAwait(false);
        return new(write, memory, begun, new S3Parts(request.Size, partSize));
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        if (_next < 0)
        {
            // The caller either sends everything or omits what is there already, whatever its block size.
            if (offset > 0 && offset + block.Length <= ResumeAt) return;
            _next = offset == 0 ? 0 : ResumeAt;
            _skipped = offset > 0;
            if (offset < _next) (offset, block) = (_next, block[(int)(_next - offset)..]);
        }

        if (offset != _next) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"the next block is at {_next}");
        if (offset + block.Length > Request.Size) throw Useless(Corrupt($"more came than the {Request.Size} bytes that were announced"));
        _next += block.Length;
        while (!block.IsEmpty)
        {
            var start = _next - block.Length;
            var size = _parts.SizeOf(_parts.NumberAt(start));
            if (_buffer is null) (_buffer, _bufferSize) = (await RentAsync(size).ConfigureAwait(false), size);
            var taken = Math.Min(block.Length, size - _filled);
            block.Span[..taken].CopyTo(_buffer.AsSpan(_filled));
            (_filled, block) = (_filled + taken, block[taken..]);
            cancellationToken.ThrowIfCancellationRequested();
            if (_filled == size) SendPart(_parts.NumberAt(start), size);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _givenUp.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_onTheirWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_buffer is not null) Return(_buffer, _bufferSize);
        _buffer = null;
        _hash?.Dispose();
        if (!Published && (IsUseless || _parts.Done == 0)) await S3Upload.TryAbortAsync(Bucket, Uploads, UploadKey, _uploadId).ConfigureAwait(false);
        Bucket.LeaveOff(_uploadId);
        _givenUp.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task FinishAsync(string sha256, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_onTheirWay).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Math.Max(_next, ResumeAt) != Request.Size) throw Useless(Corrupt($"{Math.Max(_next, 0)} of {Request.Size} bytes came"));
        if (_parts.Missing is { } missing) throw Useless(Corrupt($"part {missing} was never sent"));
        if (_hash is null || _next < 0 || _skipped) return;
        var came = Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant();
        if (came != sha256) throw Useless(Corrupt($"the SHA-256 of what came is {came}, the source's is {sha256}"));
    }

    /// <inheritdoc/>
    protected override async Task<Publication> PublishAsync(string sha256, Condition condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not cancellable: otherwise it would be unknown whether the object exists.
            var answer = await S3Upload.CompleteAsync(
                Bucket,
                UploadKey,
                _uploadId,
                _parts.Tags,
                MaySendConditions ? condition : Condition.None).ConfigureAwait(false);

            // An answer without a tag may be anything with status 200, even an error; only a HEAD tells.
            if (S3Object.Bare(answer.ETag).Length == 0)
                return await FoundAsync(answer.VersionId).ConfigureAwait(false) ?? throw S3Upload.Undone(Bucket, UploadKey);
            Uploads.Forget(UploadKey, _uploadId);
            return new Publication(S3Object.Bare(answer.ETag), _parts.ETag, answer.VersionId);
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict || e.Failure.IsTransient)
        {
            if (await FoundAsync(null).ConfigureAwait(false) is { } done) return done;
            IsUseless |= e.Failure.Class == FailureClass.Conflict || e.Failure.Code == "UploadGone";
            throw;
        }
    }

    private async Task<Publication?> FoundAsync(string? version)
    {
        var found = await LookAsync(UploadKey, _parts.ETag, version).ConfigureAwait(false);
        if (found is not null) Uploads.Forget(UploadKey, _uploadId);
        return found;
    }

    private void SendPart(int number, int size)
    {
        var buffer = _buffer!;
        (_buffer, _filled) = (null, 0);
        var hashed = _hash is null || _skipped ? Task.CompletedTask : _hashed = HashAsync(_hash, _hashed, buffer, size);
        _onTheirWay.Add(Task.Run(() => SendAsync(number, buffer, size, hashed, _givenUp.Token)));
    }

    // Hashes the parts one after the other, beside the thread that brings the next blocks.
    private static async Task HashAsync(IncrementalHash hash, Task before, byte[] buffer, int size)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        hash.AppendData(buffer, 0, size);
    }

    private async Task SendAsync(int number, byte[] buffer, int size, Task hashed, CancellationToken cancellationToken)
    {
        try
        {
            var md5 = Md5.Of(buffer.AsSpan(0, size));
            var hex = Md5.Hex(md5);
            if (Abilities.ETagIsMd5 && _parts.Has(number, hex)) return;
            for (var tries = 1; ; tries++)
            {
                var answer = await Bucket.CallAsync(
                    "write",
                    UploadKey,
                    (client, token) =>
                        S3Upload.PartAsync(Bucket, client, UploadKey, _uploadId, number, buffer, size, md5, Abilities.MaySendUnsigned(Bucket), token),
                    cancellationToken).ConfigureAwait(false);
                CrashPoint.Reach(CrashPoint.S3PartSent);
                var etag = S3Object.Bare(answer.ETag);
                if (etag.Length == 0) etag = await ListedTagAsync(number, cancellationToken).ConfigureAwait(false);
                if (!Abilities.ETagIsMd5 || etag == hex)
                {
                    _parts.Set(number, etag);
                    return;
                }

                if (tries == 2) throw Useless(Corrupt($"part {number} has the MD5 {Failure.Quote(etag)} at the server, what was sent has {hex}"));
            }
        }
        finally
        {
            await hashed.ConfigureAwait(false);
            Return(buffer, size);
        }
    }

    // Some servers answer a write without a tag and list the part with one; a server that lists no part is no S3 server.
    private async Task<string> ListedTagAsync(int number, CancellationToken cancellationToken)
    {
        var there = await S3Parts.ListAsync(
            Bucket,
            UploadKey,
            _uploadId,
            Request.Size,
            Bucket.Options.PartSizeOf(Request.Size),
            cancellationToken).ConfigureAwait(false);
        if (there?.TagOf(number) is { Length: > 0 } tag) return tag;
        throw new FailureException(S3Errors.NotS3("write", Bucket.Show(UploadKey), Bucket.Server));
    }

    private async Task<byte[]> RentAsync(int size)
    {
        while (true)
        {
            // A failed part ends the session here, not after all the others.
            foreach (var ended in _onTheirWay.Where(task => task.IsCompleted).ToList())
            {
                await ended.ConfigureAwait(false);
                _onTheirWay.Remove(ended);
            }

            if (_onTheirWay.Count < Bucket.Options.PartsInFlight && _memory.TryTake(size)) break;
            if (_onTheirWay.Count == 0)
            {
                _memory.Take(size);
                break;
            }

            await Task.WhenAny(_onTheirWay).ConfigureAwait(false);
        }

        return ArrayPool<byte>.Shared.Rent(size);
    }

    private void Return(byte[] buffer, int size)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        _memory.Return(size);
    }

    private FailureException Useless(FailureException failure)
    {
        IsUseless = true;
        return failure;
    }
}
