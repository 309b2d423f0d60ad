using Microsoft.Win32.SafeHandles;
using NasSync.Destinations.Local;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>What became of one item: a receipt or a failure.</summary>
internal sealed record Outcome(PlanItem Item, CommitReceipt? Receipt, Failure? Failure, TimeSpan Elapsed);

/// <summary>
/// Carries one artifact to all its targets: reads the source once and feeds every copy and the hasher. One copy's failure stops only that copy.
/// The source is compared with what the planner saw before the first byte and after the last, so that two versions are never mixed.
/// </summary>
internal sealed class TransferSession(
    IReadOnlyList<PlanItem> items, LocalDestination destination, BlockRing ring, TimeProvider time, Action<TransferEvent> emit)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);
    private readonly List<Outcome> _outcomes = new(items.Count);
    private readonly List<LocalWriteSession> _copies = new(items.Count);
    private readonly long _started = time.GetTimestamp();

    private Artifact Artifact => items[0].Artifact;

    private FileState Planned => items[0].Source!.Value;

    /// <summary>Carries all items out; a failure is an outcome, never an exception.</summary>
    /// <exception cref="OperationCanceledException">Stopped; nothing that was under way is left behind.</exception>
    public IReadOnlyList<Outcome> Run(CancellationToken cancellationToken)
    {
        foreach (var item in items) emit(new TransferEvent.Started(item));
        try
        {
            using var folder = SourceFolder.Open(items[0].Manifest);
            using var source = folder.OpenRead(Artifact, out var stat);
            RequireUnchanged(stat.State);
            foreach (var item in items) Attempt(item, () => _copies.Add(destination.BeginWrite(item)));
            var sha256 = Move(source, stat, cancellationToken);
            RequireUnchanged(OpenFiles.Stat(source).State);
            RequireDeclared(sha256);
            foreach (var copy in _copies.ToList()) Attempt(copy.Item, () => Commit(copy, sha256));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The source failed: every item that has no outcome of its own shares this one.
            var failure = SystemFailure.FromException(e, "read", Artifact.Path.Value);
            foreach (var item in items.Where(item => _outcomes.All(outcome => outcome.Item != item)).ToList()) Fail(item, failure);
        }
        finally
        {
            foreach (var copy in _copies) copy.Dispose();
        }

        return _outcomes;
    }

    // Extents are shared where they can be; whatever is left, and a declared hash, needs the bytes to be read.
    private string? Move(SafeFileHandle source, FileStat stat, CancellationToken cancellationToken)
    {
        var streamed = _copies.Where(copy => !copy.TryClone(source)).ToList();
        return streamed.Count > 0 || _copies.Count > 0 && Artifact.Sha256 is not null ? Stream(source, stat, streamed, cancellationToken) : null;
    }

    private string Stream(SafeFileHandle source, FileStat stat, List<LocalWriteSession> streamed, CancellationToken cancellationToken)
    {
        using var hasher = new BlockHasher();
        var lastProgress = _started;
        var offset = 0L;
        for (var block = 0L; offset < stat.State.Size; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var buffer = ring.Take(block);
            var bytes = buffer.AsMemory(0, ReadBlock(source, buffer, offset));
            if (bytes.IsEmpty) break;
            if (stat.State.Size <= buffer.Length) hasher.AppendHere(bytes.Span);
            else ring.Hold(block, hasher.Append(bytes));
            foreach (var copy in streamed) Attempt(copy.Item, () => copy.Write(offset, bytes.Span, stat.IsSparse));
            streamed.RemoveAll(copy => !_copies.Contains(copy));
            offset += bytes.Length;
            if (time.GetElapsedTime(lastProgress) < ProgressInterval) continue;
            lastProgress = time.GetTimestamp();
            foreach (var copy in streamed) emit(new TransferEvent.Progress(copy.Item, offset));
        }

        return hasher.Finish();
    }

    private void Commit(LocalWriteSession copy, string? sha256)
    {
        var receipt = copy.Commit(Planned.Size, sha256);
        _outcomes.Add(new Outcome(copy.Item, receipt, null, time.GetElapsedTime(_started)));
    }

    private void Attempt(PlanItem item, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Fail(item, SystemFailure.FromException(e, "write", item.Target!.Display));
        }
    }

    private void Fail(PlanItem item, Failure failure)
    {
        _outcomes.Add(new Outcome(item, null, failure, time.GetElapsedTime(_started)));
        if (_copies.Find(copy => copy.Item == item) is not { } failed) return;
        _copies.Remove(failed);
        failed.Dispose();
    }

    private static int ReadBlock(SafeFileHandle source, Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = RandomAccess.Read(source, buffer[filled..], offset + filled);
            if (read == 0) break;
            filled += read;
        }

        return filled;
    }

    private void RequireUnchanged(FileState now)
    {
        if (now == Planned) return;
        throw new FailureException(new Failure(
            FailureClass.Transient,
            "SourceChanged",
            $"'{Artifact.Path}' changed while it was to be copied ({Planned.Size} bytes then, {now.Size} now); nothing was committed.",
            "Let the producer finish the file before it writes the manifest; the next run tries again."));
    }

    private void RequireDeclared(string? sha256)
    {
        if (sha256 is null || Artifact.Sha256 is null || Artifact.Sha256 == sha256) return;
        throw new FailureException(new Failure(
            FailureClass.Mismatch,
            "ManifestMismatch",
            $"'{Artifact.Path}' has SHA-256 {sha256}, but its manifest declares {Artifact.Sha256}; it was not sent.",
            "Find out which is right: make the file again, or mend the manifest."));
    }
}
