using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// Corrects the ledger after a run was killed between renaming a copy and recording it. The new copy may have replaced a recorded
/// one. The destination is queried before anything is planned, because no plan looks there if the copy's job is gone or has changed.
/// </summary>
internal sealed class KilledRun(UnrecordedCopies unrecorded, Ledger ledger, Observations world, Action<TransferEvent> emit)
{
    /// <summary>Records the file at each target whose row is out of date. A place that does not answer is left to a later run.</summary>
    public void CatchUp(CancellationToken cancellationToken)
    {
        var silent = new HashSet<(string Destination, string Root)>();
        foreach (var copies in unrecorded.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = copies[0].Target;

            // Without a row, no correction is needed: a plan for the target finds the file and recognizes it.
            if (ledger.Owner(target) is not { } row || !RecordedJob.SamePlace(row.Target, target)) continue;
            if (IsOf(row, copies[^1]))
            {
                // The run had recorded the copy; only its note remained.
                unrecorded.Settled(target);
                continue;
            }

            if (silent.Contains((target.Destination, target.Root))) continue;
            RecordedCopy? standing;
            try
            {
                standing = Standing(copies, row);
            }
            catch (FailureException)
            {
                silent.Add((target.Destination, target.Root));
                continue;
            }

            if (standing is not null)
            {
                ledger.Record([standing]);
                emit(new TransferEvent.Warned(NoticeOf(standing)));
            }

            unrecorded.Settled(target);
        }
    }

    private static bool IsOf(RecordedCopy row, UnrecordedCopy copy) =>
        row.JobId == copy.JobId
            && row.Artifact == copy.Artifact
            && row.Source == copy.Source
            && (copy.Sha256 is null || row.Receipt.Sha256 == copy.Sha256);

    // Null when the row is right, or when the file is neither the recorded copy nor the new one. Then someone else changed it, which planning and
    // `verify` detect.
    private RecordedCopy? Standing(IReadOnlyList<UnrecordedCopy> copies, RecordedCopy row)
    {
        var target = copies[0].Target;
        if (world.Target(target) is not { } found) return null;
        var hash = new Lazy<string>(() => world.TargetHash(target));
        if (row.Receipt.Sha256 is { } recorded && row.Receipt.Size == found.Size && SourceFile.SameHash(recorded, hash.Value)) return null;
        if (copies.LastOrDefault(copy => copy.Is(found, () => hash.Value)) is not { } ours || hash.Value.Length == 0) return null;
        return new RecordedCopy
        {
            JobId = ours.JobId,
            Artifact = ours.Artifact,
            Requested = ours.Requested,
            Target = target,
            Source = ours.Source,
            Receipt = world.Adopt(target, hash.Value, SourceFingerprint.Of(ours.JobId, ours.Artifact, ours.Source)),
            Generation = ours.Generation,
        };
    }

    private static Notice NoticeOf(RecordedCopy copy) => new(
        "KilledRunRecorded",
        $"A run was killed after it copied {copy.Artifact} of {copy.JobId} to '{copy.Target}' and before it recorded the copy; now it is recorded.",
        "There is nothing to do.");
}
