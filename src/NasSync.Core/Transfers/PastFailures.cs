using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>
/// The failures of earlier runs, read once: what the new plan shows to be overcome without a copy (the manifest parses again, the item is
/// unchanged, skipped or no longer listed) leaves the ledger. What is copied now clears its own failure when it is recorded.
/// </summary>
internal sealed class PastFailures(Ledger ledger)
{
    private readonly ILookup<string, RecordedFailure> _bySubject =
        ledger.Failures().ToLookup(failure => failure.JobId ?? failure.Subject, StringComparer.Ordinal);

    public void ForgetOvercome(Manifest manifest, TransferPlan plan)
    {
        if (_bySubject.Count == 0) return;
        var open = plan.Items
            .Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt or PlanAction.Refuse)
            .Select(item => item.Artifact.Path.Value)
            .ToHashSet(StringComparer.Ordinal);
        var overcome = _bySubject[manifest.Path].Concat(_bySubject[manifest.JobId].Where(failure => !open.Contains(failure.Artifact ?? ""))).ToList();
        if (overcome.Count > 0) ledger.ForgetFailures(overcome.ConvertAll(failure => failure.Id));
    }
}
