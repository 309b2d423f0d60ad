namespace NasSync.Transfers;

/// <summary>
/// Which items of a plan a run is about: all, only those that failures of earlier runs speak of, or only those that the request names.
/// </summary>
internal sealed class RetryScope(IReadOnlyList<RecordedFailure> failures, IReadOnlyList<MeantItem> only)
{
    private readonly MeantItems _only = new(only);
    private readonly UntriedFailures _untried = new(failures);

    /// <summary>Whether the run is about whole jobs, and not about single items of them.</summary>
    public bool IsWhole => failures.Count + only.Count == 0;

    /// <summary>The part of a plan that the run is about. Its claims and releases are still those of the whole plan.</summary>
    public TransferPlan Of(TransferPlan plan) => IsWhole ? plan : new([.. plan.Items.Where(IsAbout)]);

    /// <summary>Whether the run is about an item.</summary>
    public bool IsAbout(PlanItem item) => (failures.Count == 0 || failures.Any(failure => UntriedFailures.Concerns(failure, item))) && IsMeant(item);

    /// <summary>Tells of what the request names and the plan of its manifest has not.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its whole plan.</param>
    /// <param name="forgotten">The failures that the plan has shown to be overcome.</param>
    /// <param name="isDryRun">They would only be forgotten.</param>
    /// <param name="emit">Told of each.</param>
    public void TellLost(Manifest manifest, TransferPlan plan, IReadOnlyList<RecordedFailure> forgotten, bool isDryRun, Action<TransferEvent> emit)
    {
        _untried.Tell(manifest, plan, forgotten, isDryRun, emit);
        foreach (var lost in _only.Of(manifest))
        {
            // Its manifest was planned, so that there is nothing more to learn of it, also where the run is not about it.
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

    /// <summary>Tells of what the request names by a folder above, and no plan of the run has.</summary>
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

    /// <summary>A manifest could not be read, which is told: of what is named by it, or by a folder above, nothing more is known.</summary>
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
