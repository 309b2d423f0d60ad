namespace NasSync.Planning;

/// <summary>
/// Which targets the plan of a job that the ledger does not know is going to ask for. What is refused whatever stands there is not among them: such
/// a job comes again with every run, and a run that finds nothing to do leaves its places alone.
/// </summary>
internal static class Foresight
{
    /// <summary>The targets, in the order of the decisions.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">Its artifacts' routes.</param>
    /// <param name="seen">Its artifacts as they are, in its order, null for one that is not there; null: they were not looked at.</param>
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
