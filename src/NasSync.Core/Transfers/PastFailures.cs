using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// The failures of earlier runs, read once. A failure leaves the ledger if the new plan shows that it is cleared without a copy: the manifest parses
/// again, the item is unchanged, skipped or no longer listed, or its route leads elsewhere. An item that is copied now clears its failure when it is
/// recorded.
/// </summary>
internal sealed class PastFailures(Ledger ledger)
{
    private ILookup<string, RecordedFailure>? _known;

    // Read when the first manifest is planned, so that an idle watching run does not read the ledger.
    private ILookup<string, RecordedFailure> Known =>
        _known ??= ledger.Failures().ToLookup(failure => failure.JobId ?? failure.Subject, StringComparer.Ordinal);

    /// <summary>Whether an item's artifact failed before, at any target.</summary>
    public bool Know(PlanItem item) => Known[item.JobId].Any(failure => failure.Artifact == item.Artifact.Path);

    /// <summary>Finds the failures that a plan shows to be cleared.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="hasLooked">Whether the plan checked the copies. Otherwise it cannot show that a lost copy is back.</param>
    /// <param name="isWhole">Whether the plan covers all artifacts of the manifest, so that a missing one is no longer listed.</param>
    /// <param name="isNarrowed">Whether the run is limited to some failures, artifacts or targets. It then makes no copy at the new target that would
    /// replace the failed one, so that failure stays.</param>
    /// <param name="forget">Whether to remove the failures from the ledger; a dry run only reports them.</param>
    public IReadOnlyList<RecordedFailure> Overcome(
        Manifest manifest,
        TransferPlan plan,
        bool hasLooked,
        bool isWhole,
        bool isNarrowed,
        bool forget)
    {
        var bySubject = Known;
        if (bySubject.Count == 0) return [];
        var open = plan.Items
            .Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt or PlanAction.Refuse)
            .Select(item => item.Artifact.Path)
            .ToHashSet(StringComparer.Ordinal);
        var overcome = bySubject[manifest.Path].Concat(bySubject[manifest.JobId].Where(IsOvercome)).ToList();
        if (forget && overcome.Count > 0) ledger.ForgetFailures(overcome.ConvertAll(failure => failure.Id));
        return overcome;

        bool IsOvercome(RecordedFailure failure)
        {
            if (!hasLooked && failure.Code == GoneSource.LostCode) return false;
            if (!isWhole && failure.Artifact is { } artifact && !plan.Items.Any(item => item.Artifact.Path == artifact)) return false;
            return !open.Contains(failure.Artifact ?? "") || (!isNarrowed && LeadsElsewhere(failure, manifest, plan));
        }
    }

    // The route's new target is a separate item, with its own outcome.
    private static bool LeadsElsewhere(RecordedFailure failure, Manifest manifest, TransferPlan plan) =>
        failure.Target is not null && failure.ManifestPath == manifest.Path && !plan.Items.Any(item => UntriedFailures.Concerns(failure, item));
}
