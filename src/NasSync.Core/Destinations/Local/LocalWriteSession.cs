using System.Buffers;
using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>One copy on its way: takes blocks, proves them, commits. Disposing before the commit leaves nothing behind.</summary>
internal sealed class LocalWriteSession(PlanItem item, AtomicFile file, TimeProvider time) : IDisposable
{
    private readonly byte[] _readBack = item.Verify == VerifyLevel.Size ? [] : ArrayPool<byte>.Shared.Rent(BlockBytes);
    private bool _cloned;

    /// <summary>The largest block that <see cref="Write"/> takes.</summary>
    public const int BlockBytes = 512 * 1024;

    /// <summary>The item that is written.</summary>
    public PlanItem Item => item;

    /// <summary>
    /// Lets the copy share the source's extents where the file system can. Not for <see cref="VerifyLevel.Readback"/>: who asks for that
    /// wants the bytes a second time on the medium.
    /// </summary>
    public bool TryClone(SafeFileHandle source) => _cloned = item.Verify != VerifyLevel.Readback && OpenFiles.TryReflink(source, file.Handle);

    /// <summary>Writes a block and, unless only the size is to be compared, reads it back and compares it.</summary>
    /// <param name="offset">Where.</param>
    /// <param name="block">At most <see cref="BlockBytes"/>.</param>
    /// <param name="keepHole">Leave a hole where the whole block is zero.</param>
    /// <exception cref="FailureException">The destination failed, or holds other bytes than it was given.</exception>
    public void Write(long offset, ReadOnlySpan<byte> block, bool keepHole)
    {
        try
        {
            if (!keepHole || block.ContainsAnyExcept((byte)0)) RandomAccess.Write(file.Handle, block, offset);
            else RandomAccess.SetLength(file.Handle, offset + block.Length);
            if (item.Verify != VerifyLevel.Size) Compare(offset, block);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "write", item.Target!.Display), e);
        }
    }

    /// <summary>Makes the copy durable, proves it as the route asks, and gives it its final name.</summary>
    /// <param name="size">The source's size.</param>
    /// <param name="sha256">The source's hash; null only for a clone of which nobody asked it.</param>
    /// <exception cref="FailureException">It could not be proven, or the target is taken; nothing changed at the target.</exception>
    public CommitReceipt Commit(long size, string? sha256)
    {
        try
        {
            OpenFiles.SetMtime(file.Handle, item.Source!.Value.MtimeNs);
            OpenFiles.Fsync(file.Handle);
            if (item.Verify == VerifyLevel.Readback && FileHash.FromMedium(file.Handle) is var found && found != sha256)
                throw Corrupt($"its SHA-256 read back is {found}, the source's is {sha256}");
            var written = OpenFiles.Stat(file.Handle).State;
            if (written.Size != size) throw Corrupt($"it has {written.Size} bytes, the source has {size}");
            if (!file.Commit(item.Replaces)) throw Taken();
            return new CommitReceipt
            {
                Size = size,
                Sha256 = sha256,
                VerifiedBy = Proof(),
                Durability = OperatingSystem.IsLinux() ? Durability.Fsynced : Durability.Cached,
                CommittedAt = time.GetUtcNow(),
                Target = written,
                MtimeKept = Math.Abs(written.MtimeNs - item.Source.Value.MtimeNs) < MtimeToleranceNs,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "commit", item.Target!.Display), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_readBack.Length > 0) ArrayPool<byte>.Shared.Return(_readBack);
        file.Dispose();
    }

    // FAT keeps two seconds; every other file system in use keeps at least one.
    private const long MtimeToleranceNs = 2_000_000_000;

    private VerifiedBy Proof() => item.Verify switch
    {
        VerifyLevel.Readback => VerifiedBy.ReadBack,
        _ when _cloned => VerifiedBy.SharedExtents,
        VerifyLevel.Checksum => VerifiedBy.ReadBackCached,
        _ => VerifiedBy.SizeOnly,
    };

    private void Compare(long offset, ReadOnlySpan<byte> block)
    {
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
        $"the copy for {item.Target} is not the source: {how}; it was discarded.",
        "The next run copies again; if it happens twice, test the disk, the memory and the network of the destination."));

    private FailureException Taken() => new(new Failure(
        FailureClass.Conflict,
        "TargetChanged",
        $"{item.Target} was made or changed by someone else while the copy was on its way; it was left as it is.",
        "Run again: the new plan sees the other file and follows the route's onConflict."));
}
