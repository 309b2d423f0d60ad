namespace NasSync.Planning;

/// <summary>
/// Predicts which targets the plan of an unknown job will query. Excludes artifacts that are refused in any case: such a job returns with every run,
/// and a run without work should not contact its destinations.
/// </summary>
internal static class Foresight
{
    /// <summary>The targets, in the order of the decisions.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">The routes of its artifacts.</param>
    /// <param name="seen">The state of each artifact in the manifest's order, null for a missing one; null when they were not examined.</param>
    public static List<Target> Of(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IReadOnlyList<FileState?>? seen)
    {
        var wishes = new List<Wish>();
        var asked = new List<Wish>();
        for (var i = 0; i < decisions.Count; i++)
        {
            if (decisions[i] is not { Failure: null, SkipReason: null }) continue;
            var isInOrder = i < manifest.Artifacts.Count && ReferenceEquals(decisions[i].Artifact, manifest.Artifacts[i]);
            var isThere = seen is null || !isInOrder || IsAsDeclared(manifest.Artifacts[i], seen[i]);
            foreach (var target in decisions[i].Targets)
            {
                wishes.Add(new Wish(decisions[i], target));
                if (isThere) asked.Add(wishes[^1]);
            }
        }

        if (asked.Count == 0) return [];
        var collisions = TargetCollisions.Find([.. wishes.DistinctBy(wish => (wish.Artifact.Path, wish.Key))]);
        return [.. asked.Where(wish => !collisions.ContainsKey(wish)).Select(wish => wish.Requested)];
    }

    private static bool IsAsDeclared(Artifact artifact, FileState? seen) =>
        seen is { } state && (artifact.Size is not { } declared || declared == state.Size);
}
