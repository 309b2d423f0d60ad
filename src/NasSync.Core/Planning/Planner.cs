namespace NasSync.Planning;

/// <summary>
/// Turns routed artifacts, the ledger's rows and what is seen of the world into the complete plan. One planner serves one run: it remembers
/// the places that earlier manifests of the run take. It touches nothing itself, and asks <see cref="IObservations"/> for as little as it can.
/// </summary>
public sealed class Planner
{
    private readonly Claims _claims = new();
    private readonly ManifestsOfJobs _manifests;
    private readonly UnchangedJob _unchanged;

    /// <summary>Begins a run.</summary>
    /// <param name="manifests">Where each job was seen, also by planners before; null: this one is the first.</param>
    public Planner(ManifestsOfJobs? manifests = null)
    {
        _manifests = manifests ?? new();
        _unchanged = new UnchangedJob(_claims);
    }

    /// <summary>
    /// Plans one manifest: one item for each target, in the manifest's order; an artifact without a target gets one item that says why.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">Its artifacts' routes.</param>
    /// <param name="world">What may be asked.</param>
    /// <param name="force">Look at every target again although the ledger says that nothing changed.</param>
    /// <param name="prove">Names the items, by artifact and requested target, whose targets are looked at again; null: none but by force.</param>
    /// <param name="seen">
    /// The sources of the manifest's artifacts as they were just now, in its order, null where one could not be looked at: they are not asked for
    /// again where nothing has changed. Null: all are asked for.
    /// </param>
    public TransferPlan Plan(
        Manifest manifest,
        IReadOnlyList<RouteDecision> decisions,
        IObservations world,
        bool force = false,
        Func<Artifact, Target, bool>? prove = null,
        IReadOnlyList<FileState?>? seen = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(world);
        var duplicate = _manifests.Add(manifest);
        IReadOnlyList<RecordedCopy>? rows = null;
        if (duplicate is null && !force && prove is null && UnchangedJob.IsPlain(manifest, decisions))
        {
            if (_unchanged.TryPlan(manifest, decisions, world, seen) is { } unchanged) return new(unchanged);
            if (_unchanged.IsUnknown) rows = [];
        }

        var ordered = InManifestOrder(manifest, decisions).ConvertAll(decision => (Decision: decision, Wishes: WishesOf(decision)));
        if (duplicate is not null)
            return new([.. ordered.SelectMany(one => RefuseAll(manifest, one.Decision, one.Wishes, duplicate))]);

        var all = ordered.SelectMany(one => one.Wishes).ToList();
        var collisions = TargetCollisions.Find(all);
        var job = new JobPlanner(manifest, all, all.Count == 0 ? [] : rows ?? world.OfJob(manifest.JobId), world, _claims, force);
        var items = new List<PlanItem>();
        var sources = ordered.ConvertAll(one => new SourceFile(manifest, one.Decision.Artifact, world));
        var shared = SharedSources(manifest, ordered, sources, world);
        foreach (var ((decision, wishes), source) in ordered.Zip(sources))
        {
            if (wishes.Count == 0) items.Add(WithoutTarget(manifest, decision));
            var planned = wishes.ConvertAll(wish => collisions.TryGetValue(wish, out var failure)
                ? Refuse(manifest, wish, failure)
                : job.Plan(wish, source, prove?.Invoke(wish.Artifact, wish.Requested) == true));
            if (source.Seen is { } state && shared.Contains((state.Device, state.Inode)))
                planned = KeptForAnother(planned, manifest, decision.Artifact);
            planned = Held(planned);
            if (Kept(planned, manifest, decision.Artifact, world) is { } why)
                planned = planned.ConvertAll(item => item with { Release = ReleasePolicy.Keep, Kept = why });
            if (AwaitsRelease(planned)) planned = wishes.ConvertAll(wish => job.Plan(wish, source, prove: true));
            else if (MayRelease(planned))
                planned = [.. planned.Zip(
                    wishes,
                    (item, wish) => item.Action != PlanAction.Unchanged || job.Stands(wish) ? item : job.Plan(wish, source, prove: true))];
            items.AddRange(Held(planned));
        }

        return new(items);
    }

    private static List<PlanItem> KeptForAnother(List<PlanItem> items, Manifest manifest, Artifact artifact)
    {
        var why = items.Count == 0 || !MayRelease(items) ? null : new Notice(
            "SourceKept",
            $"'{artifact.Path}' of job '{manifest.JobId}' is not removed although its route says release: delete: another artifact of the job is the same file.",
            "Let the producer write a file of its own for each artifact; once all of them are copied they can be removed by hand.");
        return items.ConvertAll(item => item with { Release = ReleasePolicy.Keep, Kept = why });
    }

    // A file of another origin may be changed or removed by who put it there, so no source goes because of it; nor has one to go that is gone.
    private static List<PlanItem> Held(List<PlanItem> items) =>
        items.Exists(item => item.IsAdopted || item.IsSourceGone) ? items.ConvertAll(item => item with { Release = ReleasePolicy.Keep }) : items;

    // Asked only where the source would go, with the copies that stand or come.
    private static Notice? Kept(List<PlanItem> items, Manifest manifest, Artifact artifact, IObservations world)
    {
        if (items.Count == 0 || !MayRelease(items)) return null;
        try
        {
            return world.KeptBecause(manifest, artifact, AwaitsRelease(items));
        }
        catch (FailureException)
        {
            // It has become something else since it was looked at; who reads it, or removes it, says so.
            return null;
        }
    }

    // The run that recorded the last copy did not come to remove the source. The ledger's word was enough then, with the copy just made; now
    // every copy is looked at and read again first.
    private static bool AwaitsRelease(List<PlanItem> items) =>
        items.Count > 0 && items.TrueForAll(item => item is { Action: PlanAction.Unchanged, Release: ReleasePolicy.Delete, Source: not null });

    // This run makes the copies that are missing and removes the source then, so those of earlier runs must still stand.
    private static bool MayRelease(List<PlanItem> items) =>
        items.TrueForAll(
            item => item is { Action: PlanAction.Unchanged or PlanAction.Copy or PlanAction.Adopt, Release: ReleasePolicy.Delete, Source: not null });

    // Two artifacts that are one file, by a link or by a linked folder: to release it for one would take it from the other.
    // What no route wants needs its file no more; what was left out of the request may be wanted by another run.
    private static HashSet<(ulong Device, ulong Inode)> SharedSources(
        Manifest manifest, List<(RouteDecision Decision, List<Wish> Wishes)> ordered, List<SourceFile> sources, IObservations world)
    {
        if (!ordered.Exists(one => one.Wishes.Exists(wish => wish.Release == ReleasePolicy.Delete))) return [];
        var planned = ordered.Select(one => one.Decision.Artifact.Path).ToHashSet();
        var others = manifest.Artifacts.Where(artifact => !planned.Contains(artifact.Path))
            .Select(artifact => new SourceFile(manifest, artifact, world));
        return [.. ordered.Zip(sources)
            .Where(pair => pair.First.Wishes.Count > 0)
            .Select(pair => pair.Second)
            .Concat(others)
            .Select(source => source.TryState())
            .OfType<FileState>()
            .Where(state => state.Inode != 0)
            .GroupBy(state => (state.Device, state.Inode))
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)];
    }

    // The same artifact may be handed in twice (two pipelines joined, say); it is planned once.
    private static List<RouteDecision> InManifestOrder(Manifest manifest, IReadOnlyList<RouteDecision> decisions)
    {
        var order = new Dictionary<RelativePath, int>();
        foreach (var artifact in manifest.Artifacts) order.TryAdd(artifact.RelativePath, order.Count);
        return [.. decisions
            .DistinctBy(decision => decision.Artifact.Path)
            .OrderBy(decision => order.TryGetValue(decision.Artifact.RelativePath, out var position) ? position : int.MaxValue)];
    }

    private static List<Wish> WishesOf(RouteDecision decision) =>
        decision.Failure is not null || decision.SkipReason is not null
            ? []
            : [.. decision.Targets.Select(target => new Wish(decision, target)).DistinctBy(wish => wish.Key, StringComparer.Ordinal)];

    private static IEnumerable<PlanItem> RefuseAll(Manifest manifest, RouteDecision decision, List<Wish> wishes, Failure failure) =>
        wishes.Count > 0
            ? wishes.Select(wish => Refuse(manifest, wish, failure))
            : [new PlanItem
            {
                Manifest = manifest,
                Artifact = decision.Artifact,
                Action = PlanAction.Refuse,
                Reason = failure.Message,
                Failure = failure,
            }];

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
