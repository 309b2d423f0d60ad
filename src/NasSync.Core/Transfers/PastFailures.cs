using NasSync.Ledgers;
using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// The failures of earlier runs, read once: what the new plan shows to be overcome without a copy (the manifest parses again, the item is
/// unchanged, skipped or no longer listed, or its route leads elsewhere) leaves the ledger. What is copied now clears its own failure when it is
/// recorded.
/// </summary>
internal sealed class PastFailures(Ledger ledger)
{
    private ILookup<string, RecordedFailure>? _known;

    // Read when the first manifest is planned: a watcher to which nothing comes leaves the ledger alone.
    private ILookup<string, RecordedFailure> Known =>
        _known ??= ledger.Failures().ToLookup(failure => failure.JobId ?? failure.Subject, StringComparer.Ordinal);

    /// <summary>Whether an item's artifact failed before, at whatever target.</summary>
    public bool Know(PlanItem item) => Known[item.JobId].Any(failure => failure.Artifact == item.Artifact.Path);

    /// <summary>Finds what a plan shows to be overcome.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="hasLooked">Whether the plan looked at the copies. Without that it cannot show that a lost copy is back.</param>
    /// <param name="isWhole">Whether the plan is of all artifacts of the manifest, so that one it lacks is not listed any more.</param>
    /// <param name="isNarrowed">Whether the run is about some failures, artifacts or targets alone: it makes no copy elsewhere that would take the
    /// place of the failed one, so that one stays on the list.</param>
    /// <param name="forget">Whether it leaves the ledger; a dry run only tells of it.</param>
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

    // What its route wants now is an item of its own, which fails by itself or not.
    private static bool LeadsElsewhere(RecordedFailure failure, Manifest manifest, TransferPlan plan) =>
        failure.Target is not null && failure.ManifestPath == manifest.Path && !plan.Items.Any(item => UntriedFailures.Concerns(failure, item));
}
