using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>What became of one item: a receipt, a failure, or neither when the run was stopped.</summary>
internal sealed record Outcome(PlanItem Item, CommitReceipt? Receipt, Failure? Failure, TimeSpan Elapsed)
{
    /// <summary>How many bytes an earlier try had brought there already.</summary>
    public long ResumedAt { get; init; }

    /// <summary>The source as it was found to have the content of the copy; null: as it was planned.</summary>
    public FileState? Source { get; init; }
}

/// <summary>One item of an artifact on its way to one destination. It has exactly one outcome, told as soon as it is known.</summary>
/// <param name="item">The item.</param>
/// <param name="destination">Where it goes.</param>
/// <param name="blocks">Its steps block their thread: the place is a folder of this machine.</param>
/// <param name="time">The clock.</param>
/// <param name="intend">Told, with the content's hash, right before the copy may get its final name.</param>
/// <param name="tell">Told the outcome.</param>
internal sealed class CopyInProgress(
    PlanItem item, IDestination destination, bool blocks, TimeProvider time, Action<PlanItem, string?> intend, Action<Outcome> tell)
{
    private readonly long _started = time.GetTimestamp();
    private IWriteSession? _session;
    private long _resumedAt;
    private FileState? _source;
    private int _told;

    public PlanItem Item => item;

    /// <summary>Its steps block their thread: the place is a folder of this machine.</summary>
    public bool Blocks => blocks;

    /// <summary>No outcome yet.</summary>
    public bool IsOpen => _told == 0;

    /// <summary>Takes what is there as the copy, or begins to write one.</summary>
    public Task BeginAsync(FileState source, bool sparse, ProgressClock progress, CancellationToken cancellationToken) => Attempt(async () =>
    {
        if (item.Action == PlanAction.Adopt)
        {
            _source = source;
            var adopted = await destination.AdoptAsync(item.Target!.RelativePath, item.Sha256!, item.Verify, cancellationToken).ConfigureAwait(false);
            await TidyAsync(SourceFingerprint.Of(item.JobId, item.Artifact.Path, source), cancellationToken).ConfigureAwait(false);
            Tell(adopted, null);
            return;
        }

        _session = await destination.BeginWriteAsync(
            new WriteRequest
            {
                Path = item.Target!.RelativePath,
                Size = source.Size,
                MtimeNs = source.MtimeNs,
                Fingerprint = SourceFingerprint.Of(item.JobId, item.Artifact.Path, source),
                Verify = item.Verify,
                Replaces = item.Replaces,
                Sparse = sparse,
                Sent = bytes => progress.Tell(item, bytes),
                Origin = $"{item.JobId}/{item.Artifact.Path}",
            },
            cancellationToken).ConfigureAwait(false);
        _resumedAt = _session.ResumeAt;
    });

    /// <summary>True when the copy has taken the source itself and needs no blocks.</summary>
    public bool TryTake(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _session is ISourceSession session && session.TryTake(source);

    /// <summary>Gives the copy a block; what an earlier try has brought there already is left out.</summary>
    public Task WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        if (_session is not { } session) return Task.CompletedTask;
        var known = (int)Math.Clamp(session.ResumeAt - offset, 0, block.Length);
        if (known == block.Length) return Task.CompletedTask;
        return Attempt(async () =>
        {
            await session.WriteAsync(offset + known, block[known..], cancellationToken).ConfigureAwait(false);
            CrashPoint.Reach(CrashPoint.BlockWritten);
        });
    }

    /// <summary>Gives the copy its final name.</summary>
    /// <param name="source">The source as it was found to have this content.</param>
    /// <param name="sha256">The content's hash; null where nobody read it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task CommitAsync(FileState source, string? sha256, CancellationToken cancellationToken) => Attempt(async () =>
    {
        if (!IsOpen) return;
        CrashPoint.Reach(CrashPoint.AllBlocks);
        _source = source;
        intend(item with { Source = source }, sha256);
        var receipt = await _session!.CommitAsync(sha256, cancellationToken).ConfigureAwait(false);
        if (item.Respells is { } former) await RemoveAsync(former, cancellationToken).ConfigureAwait(false);
        Tell(receipt, null);
    });

    /// <summary>Ends the copy with a failure, unless it has an outcome.</summary>
    public async Task FailAsync(Failure failure)
    {
        // First what the copy left behind goes, then its slot: on a full disk the next item needs the room.
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, failure);
    }

    /// <summary>Tells a failure at once, whatever step the copy hangs in: the thread that made the call lets go, should it ever come back.</summary>
    public void GiveUp(Failure failure) => Tell(null, failure);

    /// <summary>Lets go of the destination; a copy without an outcome was stopped.</summary>
    public async Task EndAsync()
    {
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, null);
    }

    // A copy that is there already may be one that a run made which was killed before it could tidy up or record it.
    private async Task TidyAsync(string fingerprint, CancellationToken cancellationToken)
    {
        try
        {
            await destination.RemoveLeftoversAsync(item.Target!.RelativePath, fingerprint, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            // The copy stands; what is left beside it goes another time.
        }
    }

    // Where both spellings do not stand side by side they are one file, the one that was just made.
    private async Task RemoveAsync(FormerName former, CancellationToken cancellationToken)
    {
        try
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var entry in destination.ListAsync(former.Target.RelativePath.Parent, cancellationToken).ConfigureAwait(false))
                names.Add(entry.Path.FileName);
            if (!names.Contains(former.Target.RelativePath.FileName) || !names.Contains(item.Target!.RelativePath.FileName)) return;
            if (await destination.StatAsync(former.Target.RelativePath, cancellationToken).ConfigureAwait(false) != former.State) return;
            await destination.DeleteAsync(former.Target.RelativePath, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            // The copy stands under its new name; the earlier one stays beside it.
        }
    }

    private async Task LetGoAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is not { } session) return;
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Tell(null, SystemFailure.FromException(e, "let go of", item.Target!.Display));
        }
    }

    private async Task Attempt(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await FailAsync(SystemFailure.FromException(e, "write", item.Target!.Display)).ConfigureAwait(false);
        }
    }

    private void Tell(CommitReceipt? receipt, Failure? failure)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            tell(new Outcome(item, receipt, failure, time.GetElapsedTime(_started)) { ResumedAt = _resumedAt, Source = _source });
    }
}
