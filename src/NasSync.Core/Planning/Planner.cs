namespace NasSync.Planning;

/// <summary>
/// Turns routed artifacts, the ledger's rows and what is seen of the world into the complete plan. One planner serves one run: it remembers
/// the places that earlier manifests of the run take. It touches nothing itself, and asks <see cref="IObservations"/> for as little as it can.
/// </summary>
public sealed class Planner
{
    private readonly Claims _claims = new();
    private readonly Dictionary<string, string> _manifestOfJob = new(StringComparer.Ordinal);

    /// <summary>Plans one manifest: one item for each target, in the manifest's order; an artifact without a target gets one item that says why.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">Its artifacts' routes.</param>
    /// <param name="world">What may be asked.</param>
    /// <param name="force">Look at every target again although the ledger says that nothing changed.</param>
    public TransferPlan Plan(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IObservations world, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(world);
        var ordered = InManifestOrder(manifest, decisions).ConvertAll(decision => (Decision: decision, Wishes: WishesOf(decision)));
        if (SecondManifestOfJob(manifest) is { } duplicate)
            return new([.. ordered.SelectMany(one => RefuseAll(manifest, one.Decision, one.Wishes, duplicate))]);

        var all = ordered.SelectMany(one => one.Wishes).ToList();
        var collisions = TargetCollisions.Find(all);
        var job = new JobPlanner(manifest, all, world, _claims, force);
        var items = new List<PlanItem>();
        foreach (var (decision, wishes) in ordered)
        {
            var source = new SourceFile(manifest, decision.Artifact, world);
            if (wishes.Count == 0) items.Add(WithoutTarget(manifest, decision));
            foreach (var wish in wishes)
                items.Add(collisions.TryGetValue(wish, out var failure) ? Refuse(manifest, wish, failure) : job.Plan(wish, source));
        }

        return new(items);
    }

    // The same artifact may be handed in twice (two pipelines joined, say); it is planned once.
    private static List<RouteDecision> InManifestOrder(Manifest manifest, IReadOnlyList<RouteDecision> decisions)
    {
        var order = new Dictionary<RelativePath, int>();
        foreach (var artifact in manifest.Artifacts) order.TryAdd(artifact.Path, order.Count);
        return [.. decisions
            .DistinctBy(decision => decision.Artifact.Path)
            .OrderBy(decision => order.TryGetValue(decision.Artifact.Path, out var position) ? position : int.MaxValue)];
    }

    private static List<Wish> WishesOf(RouteDecision decision) =>
        decision.Failure is not null || decision.SkipReason is not null
            ? []
            : [.. decision.Targets.Select(target => new Wish(decision, target)).DistinctBy(wish => wish.Key, StringComparer.Ordinal)];

    // Two folders with one job id would take each other's files for their own earlier copies, and replace them run after run.
    private Failure? SecondManifestOfJob(Manifest manifest)
    {
        if (_manifestOfJob.TryAdd(manifest.JobId, manifest.Path)) return null;
        var first = _manifestOfJob[manifest.JobId];
        if (string.Equals(first, manifest.Path, StringComparison.Ordinal)) return null;
        return new(
            FailureClass.Conflict,
            "DuplicateJobId",
            $"Job id '{manifest.JobId}' of {manifest.Path} is also that of {first}.",
            "Give every job an id of its own, or remove one of the two folders.");
    }

    private static IEnumerable<PlanItem> RefuseAll(Manifest manifest, RouteDecision decision, List<Wish> wishes, Failure failure) =>
        wishes.Count > 0
            ? wishes.Select(wish => Refuse(manifest, wish, failure))
            : [new PlanItem { Manifest = manifest, Artifact = decision.Artifact, Action = PlanAction.Refuse, Reason = failure.Message, Failure = failure }];

    private static PlanItem WithoutTarget(Manifest manifest, RouteDecision decision) => new()
    {
        Manifest = manifest,
        Artifact = decision.Artifact,
        Action = decision.Failure is null ? PlanAction.Skip : PlanAction.Refuse,
        Reason = decision.Failure?.Message ?? decision.SkipReason ?? "its route leads nowhere",
        Failure = decision.Failure,
    };

    private static PlanItem Refuse(Manifest manifest, Wish wish, Failure failure) =>
        JobPlanner.Item(manifest, wish, PlanAction.Refuse, failure.Message, wish.Requested) with { Failure = failure };
}
