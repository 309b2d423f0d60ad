namespace NasSync.Transfers;

/// <summary>Which items of a plan a run is about: all, or only those that failures of earlier runs speak of.</summary>
internal sealed class RetryScope(IReadOnlyList<RecordedFailure> failures)
{
    /// <summary>The part of a plan that the run is about. Its claims and releases are still those of the whole plan.</summary>
    public TransferPlan Of(TransferPlan plan) => failures.Count == 0 ? plan : new([.. plan.Items.Where(IsAbout)]);

    /// <summary>Whether the run is about an item.</summary>
    public bool IsAbout(PlanItem item) => failures.Count == 0 || failures.Any(failure => Concerns(failure, item));

    private static bool Concerns(RecordedFailure failure, PlanItem item)
    {
        if (failure.ManifestPath is { } manifest && !string.Equals(manifest, item.Manifest.Path, StringComparison.Ordinal)) return false;
        if (failure.Artifact is null) return failure.ManifestPath is not null;
        return failure.JobId == item.JobId
            && failure.Artifact == item.Artifact.Path.Value
            && (failure.Target is not { Key: var key } || key == item.Target?.Key || key == item.Requested?.Key);
    }
}
