using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>
/// Carries one artifact to its targets: reads the source once and feeds every copy and the hasher. One copy's failure stops only that copy. The
/// source is compared with what the planner saw before the first byte and after the last, so that two versions are never mixed.
/// </summary>
internal sealed class TransferSession(IReadOnlyList<CopyInProgress> copies, TimeProvider time, Action<TransferEvent> emit)
{
    private readonly Manifest _manifest = copies[0].Item.Manifest;
    private readonly Artifact _artifact = copies[0].Item.Artifact;
    private readonly FileState _planned = copies[0].Item.Source!.Value;

    /// <summary>Carries all copies to their outcome; never throws. After a stop, copies that are not committed have no receipt and no failure.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var copy in copies) emit(new TransferEvent.Started(copy.Item));
            using var folder = SourceFolder.Open(_manifest);
            using var source = folder.OpenRead(_artifact, out var stat);
            RequireUnchanged(stat.State);
            await Task.WhenAll(copies.Select(copy => copy.BeginAsync(_planned, stat.IsSparse, cancellationToken))).ConfigureAwait(false);
            var sha256 = await MoveAsync(source, cancellationToken).ConfigureAwait(false);
            RequireUnchanged(OpenFiles.Stat(source).State);
            RequireDeclared(sha256);
            await Task.WhenAll(copies.Where(copy => copy.IsOpen).Select(copy => copy.CommitAsync(sha256, cancellationToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What has no outcome yet ends below as stopped.
        }
        catch (Exception e)
        {
            // The source failed: every copy that has no outcome of its own shares this one.
            var failure = SystemFailure.FromException(e, "read", _artifact.Path.Value);
            foreach (var copy in copies) await copy.FailAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            foreach (var copy in copies) await copy.EndAsync().ConfigureAwait(false);
        }
    }

    // Extents are shared where they can be; whatever is left, and a declared hash, needs the bytes to be read.
    private async Task<string?> MoveAsync(SafeFileHandle source, CancellationToken cancellationToken)
    {
        var open = copies.Where(copy => copy.IsOpen).ToList();
        var streamed = open.Where(copy => !copy.TryClone(source)).ToList();
        if (streamed.Count == 0 && (open.Count == 0 || _artifact.Sha256 is null)) return null;
        if (_planned.Size <= SourceFeed.BlockBytes)
        {
            using var inline = new BlockHasher();
            await SourceFeed.OneBlockAsync(source, (int)_planned.Size, streamed, inline, cancellationToken).ConfigureAwait(false);
            return inline.Finish();
        }

        using var hasher = new BlockHasher();
        using var feed = new SourceFeed(source, _planned.Size, streamed, hasher, new ProgressClock(time, emit));
        await feed.RunAsync(cancellationToken).ConfigureAwait(false);
        return hasher.Finish();
    }

    private void RequireUnchanged(FileState now)
    {
        if (now == _planned) return;
        throw new FailureException(new Failure(
            FailureClass.Transient,
            "SourceChanged",
            $"'{_artifact.Path}' changed while it was to be copied ({_planned.Size} bytes then, {now.Size} now); nothing was committed.",
            "Let the producer finish the file before it writes the manifest; the next run tries again."));
    }

    private void RequireDeclared(string? sha256)
    {
        if (sha256 is null || _artifact.Sha256 is null || _artifact.Sha256 == sha256) return;
        throw new FailureException(new Failure(
            FailureClass.Mismatch,
            "ManifestMismatch",
            $"'{_artifact.Path}' has SHA-256 {sha256}, but its manifest declares {_artifact.Sha256}; it was not sent.",
            "Find out which is right: make the file again, or mend the manifest."));
    }
}
