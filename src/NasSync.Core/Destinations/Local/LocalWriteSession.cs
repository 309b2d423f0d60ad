using System.Buffers;
using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Processes;

namespace NasSync.Destinations.Local;

/// <summary>One copy in progress: writes blocks, verifies them, commits. Disposing before the commit leaves nothing behind.</summary>
/// <param name="request">The request for the copy.</param>
/// <param name="shown">The target, for people.</param>
/// <param name="file">The unfinished file.</param>
/// <param name="flushes">Shares flushes of folders among copies.</param>
/// <param name="requirePlace">Fails when the place is gone; called right before the file gets its final name.</param>
/// <param name="time">The clock.</param>
/// <param name="rights">Mode and owner of the file; null: those of the replaced file, or as the process's umask decides.</param>
internal sealed class LocalWriteSession(
    WriteRequest request,
    string shown,
    AtomicFile file,
    FolderFlushes flushes,
    Action requirePlace,
    TimeProvider time,
    Rights? rights = null) : ISourceSession
{
    private const int CompareBytes = 512 * 1024;

    // The smallest hole that file systems keep.
    private const int PageBytes = 4096;
    private byte[] _readBack = request.Verify == VerifyLevel.Size ? [] : ArrayPool<byte>.Shared.Rent(CompareBytes);
    private readonly int? _madeWith = MakePrivate(request, file, rights);
    private bool _cloned;

    /// <summary>The durability of a commit on this platform.</summary>
    public static Durability Durable => OperatingSystem.IsLinux() ? Durability.Fsynced : Durability.Cached;

    /// <inheritdoc/>
    public long ResumeAt => 0;

    /// <summary>
    /// Shares the source's extents where the file system can. Not at level <see cref="VerifyLevel.Readback"/>, which asks for a second set of bytes
    /// on the medium.
    /// </summary>
    public bool TryTake(SafeFileHandle source) => _cloned = request.Verify != VerifyLevel.Readback && OpenFiles.TryReflink(source, file.Handle);

    /// <summary>Writes a block, then reads it back and compares it, unless the level is size.</summary>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        Write(offset, block.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Commit(sha256));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        // Returns the buffer only once, however often the session is disposed: a buffer that is in the pool twice would serve two files at the same
        // time.
        if (Interlocked.Exchange(ref _readBack, []) is { Length: > 0 } buffer) ArrayPool<byte>.Shared.Return(buffer);
        file.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(long offset, ReadOnlySpan<byte> block)
    {
        try
        {
            if (request.Sparse) WriteAroundHoles(offset, block);
            else RandomAccess.Write(file.Handle, block, offset);
            if (request.Verify != VerifyLevel.Size) Compare(offset, block);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", shown), e);
        }
    }

    // Checks page by page, so that a few bytes of data do not fill the whole block.
    private void WriteAroundHoles(long offset, ReadOnlySpan<byte> block)
    {
        for (int start = 0, end; start < block.Length; start = end)
        {
            var isHole = IsHole(block, start);
            end = NextPage(block, start);
            while (end < block.Length && IsHole(block, end) == isHole) end = NextPage(block, end);
            if (!isHole) RandomAccess.Write(file.Handle, block[start..end], offset + start);
            else if (end == block.Length) RandomAccess.SetLength(file.Handle, offset + end);
        }

        static int NextPage(ReadOnlySpan<byte> block, int start) => Math.Min(start + PageBytes, block.Length);
        static bool IsHole(ReadOnlySpan<byte> block, int start) => !block[start..NextPage(block, start)].ContainsAnyExcept((byte)0);
    }

    private CommitReceipt Commit(string? sha256)
    {
        try
        {
            CrashPoint.Reach(CrashPoint.LocalWritten);
            var lost = GiveRights();
            OpenFiles.SetMtime(file.Handle, request.MtimeNs);
            CrashPoint.Reach(CrashPoint.LocalMtimeSet);
            OpenFiles.Fsync(file.Handle);
            CrashPoint.Reach(CrashPoint.LocalFsynced);
            if (request.Verify == VerifyLevel.Readback && FileHash.FromMedium(file.Handle) is var found && found != sha256)
                throw Corrupt($"its SHA-256 read back is {found}, the source's is {sha256}");
            var written = OpenFiles.Stat(file.Handle).State;
            if (written.Size != request.Size) throw Corrupt($"it has {written.Size} bytes, the source has {request.Size}");
            CrashPoint.Reach(CrashPoint.LocalVerified);
            requirePlace();
            if (!file.Commit(request.Replaces, flush => flushes.Share(request.Path.Parent?.Value ?? "", flush))) throw Taken();
            return new CommitReceipt
            {
                Size = request.Size,
                Sha256 = sha256,
                VerifiedBy = Proof(),
                Durability = Durable,
                CommittedAt = time.GetUtcNow(),
                Target = written,
                MtimeKept = Math.Abs(written.MtimeNs - request.MtimeNs) < MtimeToleranceNs,
                RightsLost = lost,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "commit", shown), e);
        }
    }

    // Keeps the part file private until the commit: an account that may not read the final file must not read it earlier. Returns the mode that the
    // file was created with.
    private static int? MakePrivate(WriteRequest request, AtomicFile file, Rights? rights)
    {
        if (!OperatingSystem.IsLinux() || (request.Replaces is null && rights is not { ConcernsFiles: true })) return null;
        var mode = Libc.RightsOf(file.Handle).Mode;
        Libc.TrySetMode(file.Handle, FileTraits.Private);
        return mode;
    }

    // Sets the rights before the rename, so that the final name never shows other rights. Configured rights must succeed; those of the replaced file
    // are kept as far as possible.
    private string? GiveRights()
    {
        if (_madeWith is not { } mode) return null;
        IReadOnlyList<string> lost = [];
        if (request.Replaces is not null && file.TraitsAtName() is { } before)
            lost = (before with
            {
                Mode = rights?.FileMode ?? before.Mode,
                Owner = rights?.Owner ?? before.Owner,
                Group = rights?.Group ?? before.Group,
            }).GiveTo(file.Handle, mode);
        else Libc.TrySetMode(file.Handle, mode);
        rights?.GiveToFile(file.Handle, shown);
        return lost.Count == 0 ? null : string.Join(", ", lost);
    }

    // FAT stores two-second steps; every other file system in use stores at least whole seconds.
    private const long MtimeToleranceNs = 2_000_000_000;

    private VerifiedBy Proof() => request.Verify switch
    {
        VerifyLevel.Readback => VerifiedBy.ReadBack,
        _ when _cloned => VerifiedBy.SharedExtents,
        VerifyLevel.Checksum => VerifiedBy.ReadBackCached,
        _ => VerifiedBy.SizeOnly,
    };

    private void Compare(long offset, ReadOnlySpan<byte> block)
    {
        while (block.Length > CompareBytes)
        {
            Compare(offset, block[..CompareBytes]);
            offset += CompareBytes;
            block = block[CompareBytes..];
        }

        var found = 0;
        while (found < block.Length)
        {
            var read = RandomAccess.Read(file.Handle, _readBack.AsSpan(found, block.Length - found), offset + found);
            if (read == 0) break;
            found += read;
        }

        if (!block.SequenceEqual(_readBack.AsSpan(0, found))) throw Corrupt($"the block at offset {offset} reads back differently");
    }

    private FailureException Corrupt(string how) => new(new Failure(
        FailureClass.Transient,
        "CopyCorrupt",
        $"The copy for {shown} is not the source: {how}; it was discarded.",
        "The next run copies again; if it happens twice, test the disk, the memory and the network of the destination."));

    private FailureException Taken() => new(new Failure(
        FailureClass.Conflict,
        "TargetChanged",
        $"{shown} was made or changed by someone else while the copy was on its way; it was left as it is.",
        "Nothing to do: a watcher or the next run plans it again, sees the other file and follows the route's onConflict."));
}
