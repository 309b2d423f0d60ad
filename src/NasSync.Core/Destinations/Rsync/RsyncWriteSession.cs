using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// One file for the next set. It takes the source itself where it can; otherwise it first writes its blocks to a private file. Nothing is sent before
/// the commit, so an abandoned session leaves nothing anywhere.
/// </summary>
internal sealed class RsyncWriteSession(
    Batches<RsyncCopy, CommitReceipt> sets,
    RsyncStaging staging,
    WriteRequest request,
    string shown) : ISourceSession
{
    private SafeFileHandle? _source;
    private SafeFileHandle? _spool;
    private IncrementalHash? _hash;
    private string? _file;
    private long _written;
    private bool _disposed;

    /// <summary>Always 0: rsync itself finds what it kept of an earlier attempt.</summary>
    public long ResumeAt => 0;

    /// <inheritdoc/>
    public bool TryTake(SafeFileHandle source)
    {
        if (!RsyncCopy.CanHandOver) return false;
        _source = source;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Guard(() =>
        {
            OpenSpool();
            if (request.Sparse && !block.Span.ContainsAnyExcept((byte)0)) RandomAccess.SetLength(_spool!, offset + block.Length);
            else RandomAccess.Write(_spool!, block.Span, offset);
            _hash!.AppendData(block.Span);
            _written = offset + block.Length;
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var copy = _source is { } source
            ? new RsyncCopy(request, source, null, sha256 ?? FileHash.Of(source, cancellationToken), cancellationToken)
            : Spooled(sha256, cancellationToken);
        return await sets.AskAsync(copy).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_disposed) return ValueTask.CompletedTask;
        _disposed = true;
        _spool?.Dispose();
        _hash?.Dispose();
        if (_file is not null) File.Delete(_file);
        return ValueTask.CompletedTask;
    }

    private RsyncCopy Spooled(string? sha256, CancellationToken cancellationToken)
    {
        Guard(() =>
        {
            OpenSpool();
            OpenFiles.SetMtime(_spool!, request.MtimeNs);
        });
        if (_written != request.Size) throw Wrong($"it has {_written} bytes, the source has {request.Size}");
        var found = FileHash.Hex(_hash!.GetHashAndReset());
        if (sha256 is not null && found != sha256) throw Wrong($"its SHA-256 is {found}, the source's is {sha256}");
        return new RsyncCopy(request, _spool!, _file, found, cancellationToken);
    }

    private void OpenSpool()
    {
        if (_spool is not null) return;
        _file = staging.NewFile();
        _spool = File.OpenHandle(_file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "stage", shown), e);
        }
    }

    private FailureException Wrong(string how) => new(new Failure(
        FailureClass.Transient,
        "CopyCorrupt",
        $"What was read for {Failure.Quote(shown)} is not the source: {how}; it was not sent.",
        "The next run copies again; if it happens twice, test the disk and the memory of this machine."));
}
