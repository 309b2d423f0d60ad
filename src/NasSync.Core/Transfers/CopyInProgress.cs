using NasSync.Destinations;
using NasSync.Failures;
using NasSync.Processes;

namespace NasSync.Transfers;

/// <summary>The outcome of one item: a receipt, a failure, or neither when the run was stopped.</summary>
internal sealed record Outcome(PlanItem Item, CommitReceipt? Receipt, Failure? Failure, TimeSpan Elapsed)
{
    /// <summary>The bytes that an earlier attempt had already copied.</summary>
    public long ResumedAt { get; init; }

    /// <summary>The state of the source when it was proven to have the content of the copy; null when that is the planned state.</summary>
    public FileState? Source { get; init; }

    /// <summary>When it was known, as a timestamp of the run's clock.</summary>
    public long At { get; init; }
}

/// <summary>One copy of an artifact to one destination. It has exactly one outcome, which is reported as soon as it is known.</summary>
/// <param name="item">The item.</param>
/// <param name="destination">The destination.</param>
/// <param name="blocks">Whether its steps block their thread, because the place is a folder of this machine.</param>
/// <param name="time">The clock.</param>
/// <param name="intend">Called with the content's hash right before the copy may get its final name.</param>
/// <param name="tell">Called with the outcome.</param>
internal sealed class CopyInProgress(
    PlanItem item, IDestination destination, bool blocks, TimeProvider time, Action<PlanItem, string?> intend, Action<Outcome> tell)
{
    private readonly long _started = time.GetTimestamp();
    private IWriteSession? _session;
    private long _resumedAt;
    private FileState? _source;
    private int _told;

    public PlanItem Item => item;

    /// <summary>Whether its steps block their thread, because the place is a folder of this machine.</summary>
    public bool Blocks => blocks;

    /// <summary>Whether there is no outcome yet.</summary>
    public bool IsOpen => _told == 0;

    /// <summary>Adopts the existing file as the copy, or begins to write one.</summary>
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

    /// <summary>Offers the source itself to the destination (a reflink, say); true when it was taken and no blocks are needed.</summary>
    public bool TryTake(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _session is ISourceSession session && session.TryTake(source);

    /// <summary>Writes a block, without the bytes that an earlier attempt has already copied.</summary>
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
    /// <param name="source">The state of the source when it was proven to have this content.</param>
    /// <param name="sha256">The content's hash; null when it was not read.</param>
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

    /// <summary>Ends the copy with a failure, unless it already has an outcome.</summary>
    public async Task FailAsync(Failure failure)
    {
        // Remove the unfinished copy before its slot is freed: on a full disk the next item needs the room.
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, failure);
    }

    /// <summary>Reports a failure at once, even if a step of the copy hangs. The hanging thread cleans up if its call ever returns.</summary>
    public void GiveUp(Failure failure) => Tell(null, failure);

    /// <summary>Closes the write session; a copy without an outcome was stopped.</summary>
    public async Task EndAsync()
    {
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, null);
    }

    // An adopted copy may come from a run that was killed before it could clean up or record it.
    private async Task TidyAsync(string fingerprint, CancellationToken cancellationToken)
    {
        try
        {
            await destination.RemoveLeftoversAsync(item.Target!.RelativePath, fingerprint, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException)
        {
            // The copy is complete; a later run removes the leftovers.
        }
    }

    // If the listing does not show both spellings, they are the same file: the new copy.
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
            // The copy is complete under its new name; the file with the former name stays.
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
        if (Interlocked.Exchange(ref _told, 1) != 0) return;
        tell(new Outcome(item, receipt, failure, time.GetElapsedTime(_started))
        {
            ResumedAt = _resumedAt,
            Source = _source,
            At = time.GetTimestamp(),
        });
    }
}
