using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>
/// The failures of earlier runs, read once: what the new plan shows to be overcome without a copy (the manifest parses again, the item is
/// unchanged, skipped or no longer listed) leaves the ledger. What is copied now clears its own failure when it is recorded.
/// </summary>
internal sealed class PastFailures(Ledger ledger)
{
    private ILookup<string, RecordedFailure>? _known;

    /// <returns>What was forgotten.</returns>
    public IReadOnlyList<RecordedFailure> ForgetOvercome(Manifest manifest, TransferPlan plan)
    {
        // Not before it is needed: a watcher to which nothing comes leaves the ledger alone.
        var bySubject = _known ??= ledger.Failures().ToLookup(failure => failure.JobId ?? failure.Subject, StringComparer.Ordinal);
        if (bySubject.Count == 0) return [];
        var open = plan.Items
            .Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt or PlanAction.Refuse)
            .Select(item => item.Artifact.Path)
            .ToHashSet(StringComparer.Ordinal);
        var overcome = bySubject[manifest.Path].Concat(bySubject[manifest.JobId].Where(failure => !open.Contains(failure.Artifact ?? ""))).ToList();
        if (overcome.Count > 0) ledger.ForgetFailures(overcome.ConvertAll(failure => failure.Id));
        return overcome;
    }
}
