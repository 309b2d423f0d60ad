namespace NasSync.Transfers;

/// <summary>
/// Which items of a plan a run is about: all, only those that failures of earlier runs speak of, or only those that the request names.
/// </summary>
internal sealed class RetryScope(IReadOnlyList<RecordedFailure> failures, IReadOnlyList<MeantItem> only)
{
    private readonly MeantItems _only = new(only);

    /// <summary>Whether the run is about whole jobs, and not about single items of them.</summary>
    public bool IsWhole => failures.Count + only.Count == 0;

    /// <summary>The part of a plan that the run is about. Its claims and releases are still those of the whole plan.</summary>
    public TransferPlan Of(TransferPlan plan) => IsWhole ? plan : new([.. plan.Items.Where(IsAbout)]);

    /// <summary>Whether the run is about an item.</summary>
    public bool IsAbout(PlanItem item) => (failures.Count == 0 || failures.Any(failure => Concerns(failure, item))) && IsMeant(item);

    /// <summary>Tells of what the request names and the plan of its manifest has not.</summary>
    public void TellLost(Manifest manifest, TransferPlan plan, Action<TransferEvent> emit)
    {
        foreach (var lost in _only.Of(manifest).Where(one => !plan.Items.Any(item => Is(one, item))))
        {
            _only.Settle(lost);
            if (manifest.Artifacts.FirstOrDefault(artifact => artifact.Path == lost.Artifact) is { } artifact)
                emit(new TransferEvent.Skipped(NoRoute(manifest, artifact, lost), SkipKind.Stale));
            else
                emit(new TransferEvent.Failed($"{manifest.JobId}: {lost.Artifact}", NotListed(manifest, lost)));
        }
    }

    /// <summary>Tells of what the request names by a folder above, and no plan of the run has.</summary>
    public void TellUnfound(Action<TransferEvent> emit)
    {
        foreach (var lost in _only.Unfound.Where(lost => Directory.Exists(lost.Manifest)))
            emit(new TransferEvent.Failed(lost.Artifact, Unfound(lost)));
    }

    private static Failure Unfound(MeantItem lost) => new(
        FailureClass.Gone,
        "SourceGone",
        lost.Target is { } target
            ? $"No route takes {Failure.Quote(lost.Artifact)} of a job in {Failure.Quote(lost.Manifest)} to {Failure.Quote(target)}."
            : $"No manifest in {Failure.Quote(lost.Manifest)} lists {Failure.Quote(lost.Artifact)}.",
        "Name an artifact as its manifest does, and a target by its full path, as a plan shows both.");

    private bool IsMeant(PlanItem item) => _only.Mean(item.Manifest.Path, item.Artifact.Path, item.Target, item.Requested);

    private static bool Is(MeantItem one, PlanItem item) => one.Is(item.Artifact.Path, item.Target, item.Requested);

    private static PlanItem NoRoute(Manifest manifest, Artifact artifact, MeantItem lost) => new()
    {
        Manifest = manifest,
        Artifact = artifact,
        Action = PlanAction.Skip,
        Reason = $"no route leads to {lost.Target}",
    };

    private static Failure NotListed(Manifest manifest, MeantItem lost) => new(
        FailureClass.Gone,
        "SourceGone",
        $"{manifest.Path} does not list {Failure.Quote(lost.Artifact)}.",
        "Name an artifact that the manifest lists.");

    private static bool Concerns(RecordedFailure failure, PlanItem item)
    {
        if (failure.ManifestPath is { } manifest && !string.Equals(manifest, item.Manifest.Path, StringComparison.Ordinal)) return false;
        if (failure.Artifact is null) return failure.ManifestPath is not null;
        return failure.JobId == item.JobId
            && failure.Artifact == item.Artifact.Path
            && (failure.Target is not { Key: var key } || key == item.Target?.Key || key == item.Requested?.Key);
    }
}
