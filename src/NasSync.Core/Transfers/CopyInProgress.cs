using NasSync.Destinations;
using NasSync.Failures;

namespace NasSync.Transfers;

/// <summary>What became of one item: a receipt, a failure, or neither when the run was stopped.</summary>
internal sealed record Outcome(PlanItem Item, CommitReceipt? Receipt, Failure? Failure, TimeSpan Elapsed);

/// <summary>One item of an artifact on its way to one destination. It has exactly one outcome, told as soon as it is known.</summary>
internal sealed class CopyInProgress(PlanItem item, IDestination destination, TimeProvider time, Action<Outcome> tell)
{
    private readonly long _started = time.GetTimestamp();
    private IWriteSession? _session;
    private int _told;

    public PlanItem Item => item;

    /// <summary>No outcome yet.</summary>
    public bool IsOpen => _told == 0;

    /// <summary>Takes what is there as the copy, or begins to write one.</summary>
    public Task BeginAsync(FileState source, bool sparse, CancellationToken cancellationToken) => Attempt(async () =>
    {
        if (item.Action == PlanAction.Adopt)
        {
            Tell(await destination.AdoptAsync(item.Target!.Path, item.Sha256!, cancellationToken).ConfigureAwait(false), null);
            return;
        }

        _session = await destination.BeginWriteAsync(
            new WriteRequest
            {
                Path = item.Target!.Path,
                Size = source.Size,
                MtimeNs = source.MtimeNs,
                Fingerprint = $"{item.JobId}/{item.Artifact.Path}:{source.Size}:{source.MtimeNs}:{source.Inode}",
                Verify = item.Verify,
                Replaces = item.Replaces,
                Sparse = sparse,
                Origin = $"{item.JobId}/{item.Artifact.Path}",
            },
            cancellationToken).ConfigureAwait(false);
    });

    /// <summary>True when the copy shares the source's extents now and needs no blocks.</summary>
    public bool TryClone(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _session is ICloneSession session && session.TryClone(source);

    /// <summary>Gives the copy a block; what an earlier try has brought there already is left out.</summary>
    public Task WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        if (_session is not { } session) return Task.CompletedTask;
        var known = (int)Math.Clamp(session.ResumeAt - offset, 0, block.Length);
        if (known == block.Length) return Task.CompletedTask;
        return Attempt(() => session.WriteAsync(offset + known, block[known..], cancellationToken).AsTask());
    }

    public Task CommitAsync(string? sha256, CancellationToken cancellationToken) => Attempt(async () =>
    {
        if (IsOpen) Tell(await _session!.CommitAsync(sha256, cancellationToken).ConfigureAwait(false), null);
    });

    /// <summary>Ends the copy with a failure, unless it has an outcome.</summary>
    public async Task FailAsync(Failure failure)
    {
        // First what the copy left behind goes, then its slot: on a full disk the next item needs the room.
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, failure);
    }

    /// <summary>Lets go of the destination; a copy without an outcome was stopped.</summary>
    public async Task EndAsync()
    {
        await LetGoAsync().ConfigureAwait(false);
        Tell(null, null);
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
        if (Interlocked.Exchange(ref _told, 1) == 0) tell(new Outcome(item, receipt, failure, time.GetElapsedTime(_started)));
    }
}
