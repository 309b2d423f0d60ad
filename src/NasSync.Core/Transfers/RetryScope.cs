namespace NasSync.Transfers;

/// <summary>
/// Selects the items of a plan that a run covers: all, only those with failures of earlier runs, or only those that the request names.
/// </summary>
internal sealed class RetryScope(IReadOnlyList<RecordedFailure> failures, IReadOnlyList<MeantItem> only)
{
    private readonly MeantItems _only = new(only);
    private readonly UntriedFailures _untried = new(failures);

    /// <summary>Whether the run covers whole jobs, not single items.</summary>
    public bool IsWhole => failures.Count + only.Count == 0;

    /// <summary>The part of a plan that the run covers. Its claims and releases are still those of the whole plan.</summary>
    public TransferPlan Of(TransferPlan plan) => IsWhole ? plan : new([.. plan.Items.Where(IsAbout)]);

    /// <summary>Whether the run covers an item.</summary>
    public bool IsAbout(PlanItem item) => (failures.Count == 0 || failures.Any(failure => UntriedFailures.Concerns(failure, item))) && IsMeant(item);

    /// <summary>Reports items that the request names and that the plan of their manifest lacks.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its whole plan.</param>
    /// <param name="forgotten">The failures that the plan has cleared.</param>
    /// <param name="isDryRun">Whether they are only reported, not cleared.</param>
    /// <param name="emit">Called for each.</param>
    public void TellLost(Manifest manifest, TransferPlan plan, IReadOnlyList<RecordedFailure> forgotten, bool isDryRun, Action<TransferEvent> emit)
    {
        _untried.Tell(manifest, plan, forgotten, isDryRun, emit);
        foreach (var lost in _only.Of(manifest))
        {
            // The manifest was planned, so nothing more will be known about this entry, even if the run does not cover it.
            _only.Settle(lost);
            if (plan.Items.Any(item => Is(lost, item))) continue;
            var isListed = manifest.Artifacts.Any(artifact => artifact.Path == lost.Artifact);
            emit(Failed(
                isListed ? $"{manifest.JobId}: {lost.Artifact} → {lost.Target}" : $"{manifest.JobId}: {lost.Artifact}",
                isListed ? NoRoute(manifest, plan, lost) : NotListed(manifest, lost),
                manifest.JobId,
                lost.Artifact));
        }

        _only.See(manifest, artifact => Targets(plan, artifact));
    }

    /// <summary>Reports items that the request names by a folder above, and that no plan of the run has.</summary>
    public void TellUnfound(Action<TransferEvent> emit)
    {
        foreach (var lost in _only.Unfound.Where(lost => Directory.Exists(lost.Manifest)))
        {
            var targets = _only.TargetsSeen(lost);
            var failure = lost.Target is { } target && targets is not null
                ? UnknownItem.Target(
                    $"No route takes {Failure.Quote(lost.Artifact)} of a job in {Failure.Quote(lost.Manifest)} to {Failure.Quote(target)}",
                    "it goes to",
                    targets)
                : UnknownItem.Artifact(
                    $"No manifest in {Failure.Quote(lost.Manifest)} lists {Failure.Quote(lost.Artifact)}",
                    lost.Artifact,
                    "they list",
                    _only.ArtifactsSeen(lost));
            emit(Failed(lost.Artifact, failure, job: null, lost.Artifact));
        }
    }

    /// <summary>
    /// Notes that a manifest could not be read, which is reported elsewhere. Its items, named by it or a folder above, are not reported too.
    /// </summary>
    public void Leave(string path) => _only.SettleAbove(path);

    private static TransferEvent.Failed Failed(string subject, Failure failure, string? job, string artifact) =>
        new(subject, failure) { JobId = job, ArtifactPath = artifact };

    private static Failure NoRoute(Manifest manifest, TransferPlan plan, MeantItem lost) => UnknownItem.Target(
        $"No route takes {Failure.Quote(lost.Artifact)} of job '{manifest.JobId}' to {Failure.Quote(lost.Target!)}",
        "it goes to",
        Targets(plan, lost.Artifact));

    private static Failure NotListed(Manifest manifest, MeantItem lost) => UnknownItem.Artifact(
        $"{manifest.Path} does not list {Failure.Quote(lost.Artifact)}",
        lost.Artifact,
        "it lists",
        [.. manifest.Artifacts.Select(artifact => artifact.Path)]);

    private bool IsMeant(PlanItem item) => _only.Mean(item.Manifest.Path, item.Artifact.Path, item.Target, item.Requested);

    private static bool Is(MeantItem one, PlanItem item) => one.Is(item.Artifact.Path, item.Target, item.Requested);

    private static List<string> Targets(TransferPlan plan, string artifact) =>
    [
        .. plan.Items
            .Where(item => item.Artifact.Path == artifact)
            .Select(item => item.Target?.Display)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal),
    ];
}
