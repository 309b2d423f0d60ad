using System.Text;
using NasSync.Files;
using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>
/// One copy in progress: a part file in the target's folder, written with many requests in flight, proven, made durable, then named.
/// </summary>
internal sealed class SftpWriteSession(
    SftpLink link,
    SftpLease lease,
    SftpFolders folders,
    SftpProof proof,
    SftpRights rights,
    WriteRequest request,
    string target,
    TimeProvider time) : IWriteSession
{
    /// <summary>The suffix of part files, which listings do not show.</summary>
    public const string PartSuffix = AtomicFile.PartSuffix;

    // Resending less than this is faster than finding and removing a stale part file.
    private const long WorthKeeping = 1024 * 1024;

    // The shortest limit of a file system in use (eCryptfs); shorter names need no check.
    private const int AlwaysTaken = 143;
    private readonly SftpConnection _connection = lease.Connection;
    private readonly SftpSession _session = lease.Connection.Session;
    private readonly string _folder = SftpFolders.Above(target);
    private readonly object _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<(Task Acknowledged, int Bytes)> _unconfirmed = new();
    private FollowedHash? _followed;
    private long _confirmed;
    private string _part = "";
    private byte[]? _handle;
    private Exception? _firstError;
    private long _underWay = 1;
    private long _written;
    private bool _opened;
    private bool _draining;
    private bool _keepPart = true;
    private bool _committed;
    private string? _rightsLost;

    /// <inheritdoc/>
    public long ResumeAt { get; private set; }

    /// <summary>The path of the part file for a content.</summary>
    public static string PartOf(string target, RelativePath path, string fingerprint) =>
        SftpFolders.In(SftpFolders.Above(target), AtomicFile.PartName(path.FileName, fingerprint));

    /// <summary>Opens the part file: that of an earlier attempt, or a new one.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _part = PartOf(target, request.Path, request.Fingerprint);
        var opening = link.CallAsync(_connection, "create", request.Path.Value, OpenPartAsync, CancellationToken.None);
        try
        {
            _handle = await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
            _opened = true;
            CrashPoint.Reach(CrashPoint.SftpPartOpened);
            if (request.Verify != VerifyLevel.Size || ResumeAt > 0)
                _followed = proof.Prepare(_session, _part, request.Size, request.Verify == VerifyLevel.Readback);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(
                late => _session.CloseAsync(late.GetAwaiter().GetResult()),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        for (var at = 0; at < block.Length; at += _session.WriteBytes)
        {
            if (_firstError is not null) await DrainAsync(cancellationToken).ConfigureAwait(false);
            var data = block.Slice(at, Math.Min(_session.WriteBytes, block.Length - at));
            lock (_gate) _underWay++;
            try
            {
                Watch(await _session.WriteAsync(_handle!, offset + at, data, cancellationToken).ConfigureAwait(false), data.Length);
            }
            catch (OperationCanceledException)
            {
                Done(null);
                throw;
            }
        }

        _written = Math.Max(_written, offset + block.Length);
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
    {
        // A server handles the requests for one file in order, so requests that do not depend on an answer are sent together: for a small file its
        // data, times, fsync and read-back take one round trip. The host's own hash sees only what the server has already written.
        var isSmall = request.Size <= _session.ReadBytes;
        if (!isSmall) await DrainAsync(cancellationToken).ConfigureAwait(false);
        var flushing = CallAsync("make durable", FlushAsync, cancellationToken);
        var proving = CallAsync("verify", () => ProveAsync(sha256, cancellationToken), cancellationToken);
        if (isSmall) await DrainAsync(cancellationToken).ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.SftpBlocksSent);
        var (mtimeSet, synced) = await flushing.ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.SftpFsynced);
        var by = await proving.ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.SftpVerified);
        cancellationToken.ThrowIfCancellationRequested();

        // From here on nothing is cancelled, so that the outcome of the naming is known.
        var naming = new SftpNaming(_session, _part, target);
        await CallAsync("commit", () => NameAsync(naming, synced), CancellationToken.None).ConfigureAwait(false);
        _committed = true;
        folders.Named(target);
        CrashPoint.Reach(CrashPoint.SftpNamed);
        var looking = CallAsync("look at", () => _session.LStatAsync(target), CancellationToken.None);
        synced &= await CallAsync("make durable", () => folders.SyncAsync(_session, _folder), CancellationToken.None).ConfigureAwait(false);
        CrashPoint.Reach(CrashPoint.SftpFolderFsynced);
        var found = await looking.ConfigureAwait(false);
        await CallAsync("tidy up behind", () => naming.Tidied, CancellationToken.None).ConfigureAwait(false);
        return new CommitReceipt
        {
            Size = request.Size,
            Sha256 = sha256,
            VerifiedBy = by,
            Durability = synced ? Durability.Fsynced : Durability.ServerAcknowledged,
            CommittedAt = time.GetUtcNow(),
            Target = found?.State,
            MtimeKept = mtimeSet && found is { } file && Math.Abs(file.State.MtimeNs - request.MtimeNs) < 2_000_000_000,
            RightsLost = _rightsLost,
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_opened || _connection.IsBroken) return;
            _opened = false;
            if (_handle is not null) await _session.CloseAsync(_handle).ConfigureAwait(false);
            if (!_committed && !(_keepPart && Math.Max(_written, ResumeAt) >= WorthKeeping)) await _session.RemoveAsync(_part).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SftpStatusException || SftpFailure.IsConnectionEnd(e))
        {
            // Report the error that led here instead.
        }
        finally
        {
            _followed?.Dispose();
            lease.Dispose();
        }
    }

    private Task<T> CallAsync<T>(string operation, Func<Task<T>> call, CancellationToken cancellationToken) =>
        link.CallAsync(_connection, operation, request.Path.Value, call, cancellationToken);

    private async Task<byte[]> OpenPartAsync()
    {
        const SftpOpen New = SftpOpen.Read | SftpOpen.Write | SftpOpen.Create | SftpOpen.Exclusive;
        await folders.ForWritingAsync(_session, _folder).ConfigureAwait(false);

        // The part's name is short, so without this check a final name that is too long would be refused only after everything was sent.
        if (Encoding.UTF8.GetByteCount(request.Path.FileName) > AlwaysTaken) await _session.LStatAsync(target).ConfigureAwait(false);
        try
        {
            return await _session.OpenAsync(_part, New).ConfigureAwait(false);
        }
        catch (SftpStatusException e) when (e.Status == SftpStatus.NoSuchFile)
        {
            folders.Forget();
            await folders.ForWritingAsync(_session, _folder).ConfigureAwait(false);
            return await _session.OpenAsync(_part, New).ConfigureAwait(false);
        }
        catch (SftpStatusException e) when (e.Status == SftpStatus.Failure)
        {
            if (await _session.LStatAsync(_part).ConfigureAwait(false) is not { } left) throw;
            if (left is { IsFile: true, Size: { } size } && size <= request.Size)
            {
                ResumeAt = size;
                return await _session.OpenAsync(_part, SftpOpen.Read | SftpOpen.Write).ConfigureAwait(false);
            }

            await _session.RemoveAsync(_part).ConfigureAwait(false);
            return await _session.OpenAsync(_part, New).ConfigureAwait(false);
        }
    }

    private async Task<(bool MtimeSet, bool Synced)> FlushAsync()
    {
        // Set before the naming, so that the final name never shows other rights.
        _rightsLost = await rights.GiveToFileAsync(
            _session,
            _handle!,
            target,
            request.Replaces is not null,
            request.Path.Value).ConfigureAwait(false);
        var mtime = _session.SetMtimeAsync(_handle!, (uint)Math.Clamp(request.MtimeNs / 1_000_000_000, 0, uint.MaxValue));
        var sync = _session.Offers("fsync@openssh.com") ? _session.FsyncAsync(_handle!) : null;
        var mtimeSet = true;
        try
        {
            await mtime.ConfigureAwait(false);
        }
        catch (SftpStatusException)
        {
            // The receipt reports it; the bytes matter more.
            mtimeSet = false;
        }

        try
        {
            if (sync is not null) await sync.ConfigureAwait(false);
            return (mtimeSet, sync is not null);
        }
        catch (SftpStatusException e) when (e.Status == SftpStatus.Unsupported)
        {
            return (mtimeSet, false);
        }
        catch (SftpStatusException)
        {
            // After a failed fsync the system marks the lost pages as clean: the part must be written again, never fsynced again.
            _keepPart = false;
            throw;
        }
    }

    private async Task<VerifiedBy> ProveAsync(string? sha256, CancellationToken cancellationToken)
    {
        // Data of an earlier attempt is proven at every level: a power failure at the server may have left holes in it.
        var sizeIsEnough = request.Verify == VerifyLevel.Size && ResumeAt == 0;

        // Suffices for most small files; otherwise the code below finds the cause.
        if (!sizeIsEnough && sha256 is not null && _session.TellsReadBytes && request.Size > 0 && request.Size < _session.ReadBytes
            && await ReadBack.HashWholeAsync(_session, _handle!, (int)request.Size, cancellationToken).ConfigureAwait(false) == sha256)
            return VerifiedBy.ReadBack;
        var sizing = _session.FStatAsync(_handle!);
        var checking = sizeIsEnough || sha256 is null
            ? null
            : proof.CheckAsync(_session, _handle!, _part, request.Size, sha256, _followed, request.Verify == VerifyLevel.Readback, cancellationToken);
        var size = (await sizing.ConfigureAwait(false)).Size;
        if (size != request.Size) throw Corrupt($"it has {size} bytes, the source has {request.Size}");
        if (sizeIsEnough) return VerifiedBy.SizeOnly;
        if (checking is null) throw Corrupt("nobody said which SHA-256 it must have");
        return await checking.ConfigureAwait(false) ?? throw Corrupt("its SHA-256 is another than the source's");
    }

    private async Task<bool> NameAsync(SftpNaming naming, bool synced)
    {
        // Closes the handle first: some servers cannot rename an open file, and without fsync some report a full disk only now.
        var handle = _handle!;
        _handle = null;
        try
        {
            var closing = _session.CloseAsync(handle);
            if (!synced) await closing.ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.SftpClosed);
            await naming.GiveAsync(request.Replaces).ConfigureAwait(false);
            return true;
        }
        catch (SftpTakenException e)
        {
            _keepPart = false;
            throw new FailureException(await TakenAsync().ConfigureAwait(false), e);
        }
    }

    // A listing shows only files, so a plan made from one does not see a folder or a link.
    private async Task<Failure> TakenAsync() => await _session.LStatAsync(target).ConfigureAwait(false) is { IsFile: false }
        ? SftpFailure.NotAFile(request.Path.Value)
        : new Failure(
            FailureClass.Conflict,
            "TargetChanged",
            $"{request.Path} was made or changed by someone else while the copy was on its way; it was left as it is.",
            "Nothing to do: a watcher or the next run plans it again, sees the other file and follows the route's onConflict.");

    private void Watch(Task acknowledged, int bytes)
    {
        if (_followed is not null) lock (_gate) _unconfirmed.Enqueue((acknowledged, bytes));
        if (acknowledged.IsCompletedSuccessfully) Done(null);
        else
            _ = acknowledged.ContinueWith(
                write => Done(write.Exception?.InnerException),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
    }

    private void Done(Exception? error)
    {
        bool last;
        long confirmed;
        lock (_gate)
        {
            _firstError ??= error;
            last = --_underWay == 0;

            // A server may answer out of order, but the follower may only read what is there without a gap.
            while (_unconfirmed.TryPeek(out var first) && first.Acknowledged.IsCompletedSuccessfully) _confirmed += _unconfirmed.Dequeue().Bytes;
            confirmed = _confirmed;
        }

        _followed?.Advance(ResumeAt + confirmed);
        if (last) _drained.TrySetResult();
    }

    // Waits until the server has confirmed everything; reports the first refusal.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!_draining) Done(null);
        _draining = true;
        await _drained.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_firstError is not { } error) return;
        try
        {
            await CallAsync("write", () => Task.FromException<bool>(error), cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException) when (error is SftpStatusException)
        {
            // A refused block leaves a hole before the later blocks, and keeping the part does not help a full disk.
            _keepPart = false;
            throw;
        }
    }

    private FailureException Corrupt(string how)
    {
        _keepPart = false;
        return new FailureException(new Failure(
            FailureClass.Transient,
            "CopyCorrupt",
            $"The copy for {request.Path} is not the source: {how}; it was discarded.",
            "The next run copies again; if it happens twice, test the disk, the memory and the network of the destination."));
    }
}
