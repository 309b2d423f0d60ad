using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// Makes the ledger's rows true again after a run that was killed between the name of a copy and its record. What replaced a recorded copy is
/// asked for at the place itself, before anything is planned: its job may be gone by now or may want something else, so that no plan would ever look.
/// </summary>
internal sealed class KilledRun(UnrecordedCopies unrecorded, Ledger ledger, Observations world, Action<TransferEvent> emit)
{
    /// <summary>Records what stands at each target that has another row. A place that cannot be asked is left to a later run.</summary>
    public void CatchUp(CancellationToken cancellationToken)
    {
        var silent = new HashSet<(string Destination, string Root)>();
        foreach (var copies in unrecorded.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = copies[0].Target;

            // Where no row claims anything, whoever plans for the target finds the file and knows it.
            if (ledger.Owner(target) is not { } row || !RecordedJob.SamePlace(row.Target, target)) continue;
            if (IsOf(row, copies[^1]))
            {
                // The run had come to record it; only its note was left.
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

    // Null when the row is right, and when the file is neither the row's nor ours: that is somebody's change, which planning and `verify` see.
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
        $"A run that was killed had put {copy.Artifact} of {copy.JobId} at '{copy.Target}' and had not recorded it; now it is recorded.",
        "There is nothing to do.");
}
