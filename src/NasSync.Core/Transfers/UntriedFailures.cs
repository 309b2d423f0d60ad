using NasSync.Planning;

namespace NasSync.Transfers;

/// <summary>
/// Reports the failures that a request should retry and that no plan contains any more, because their route or manifest has changed since. Each
/// report gives the reason and how to remove the failure.
/// </summary>
/// <param name="failures">The failures that the run should retry.</param>
internal sealed class UntriedFailures(IReadOnlyList<RecordedFailure> failures)
{
    /// <summary>The code of the failure when a retry is impossible.</summary>
    public const string Code = "RetryImpossible";

    /// <summary>Whether a failure concerns an item.</summary>
    public static bool Concerns(RecordedFailure failure, PlanItem item)
    {
        if (failure.ManifestPath is { } manifest && !string.Equals(manifest, item.Manifest.Path, StringComparison.Ordinal)) return false;
        if (failure.Artifact is null) return failure.ManifestPath is not null;
        return failure.JobId == item.JobId && failure.Artifact == item.Artifact.Path && (failure.Target is not { } target || IsAt(target, item));
    }

    /// <summary>Reports the failures of a manifest that its plan does not contain.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="forgotten">The failures that this plan clears.</param>
    /// <param name="isDryRun">Whether they are only reported, not cleared.</param>
    /// <param name="emit">Called for each.</param>
    public void Tell(Manifest manifest, TransferPlan plan, IReadOnlyList<RecordedFailure> forgotten, bool isDryRun, Action<TransferEvent> emit)
    {
        foreach (var failure in failures.Where(failure => failure.Artifact is not null && IsOf(failure, manifest)))
        {
            if (plan.Items.Any(item => Concerns(failure, item))) continue;
            var why = Why(failure, manifest, plan);
            if (forgotten.Any(one => one.Id == failure.Id))
                emit(new TransferEvent.Warned(new Notice(
                    "FailuresForgotten",
                    $"The failure of {failure.Subject} {(isDryRun ? "would be" : "is")} forgotten: {why}.",
                    "Nothing needs to be done; the copies that its route requests now are synced like any other.")));
            else
                emit(new TransferEvent.Failed(failure.Subject, Impossible(failure, why))
                {
                    JobId = failure.JobId,
                    ArtifactPath = failure.Artifact,
                    Target = failure.Target,
                });
        }
    }

    private static bool IsOf(RecordedFailure failure, Manifest manifest) =>
        failure.ManifestPath is { } path ? path == manifest.Path : failure.JobId == manifest.JobId;

    private static string Why(RecordedFailure failure, Manifest manifest, TransferPlan plan)
    {
        if (failure.JobId != manifest.JobId) return $"{manifest.Path} is of job {Failure.Quote(manifest.JobId)} now";
        if (manifest.Artifacts.All(artifact => artifact.Path != failure.Artifact)) return "its manifest does not list it any more";
        var targets = plan.Items
            .Where(item => item.Artifact.Path == failure.Artifact && item.Target is not null)
            .Select(item => item.Target!.Display)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return targets.Count == 0 ? "no route takes it any more" : $"no route leads there any more; it goes to {string.Join(", ", targets)} now";
    }

    private static Failure Impossible(RecordedFailure failure, string why) => new(
        FailureClass.Gone,
        Code,
        FormattableString.Invariant($"The failure {failure.Id} of {failure.Subject} cannot be tried again: {why}."),
        "To copy it to where its route leads now, run: nassync sync. "
            + FormattableString.Invariant($"To forget the failure: nassync retry --forget {failure.Id}"));

    // With keepBoth, a copy's planned name may have another number now, or none.
    private static bool IsAt(Target failed, PlanItem item)
    {
        if (IsSame(failed, item.Target) || IsSame(failed, item.Requested)) return true;
        return item.Requested is { } requested && OwnNames.Beside(requested, item.JobId).Take(OwnNames.Known).Any(name => IsSame(failed, name));
    }

    // For a retry, a destination is the same even if its root was corrected since.
    private static bool IsSame(Target failed, Target? planned) =>
        planned is not null && (failed.Key == planned.Key
            || (failed.Destination != Target.LocalName && (failed with { Root = planned.Root }).Key == planned.Key));
}
