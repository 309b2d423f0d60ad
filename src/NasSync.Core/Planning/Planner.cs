namespace NasSync.Planning;

/// <summary>
/// Turns routed artifacts, ledger rows and observations into the complete plan. One planner serves one run: it remembers the targets that earlier
/// manifests of the run occupy. It changes nothing and queries <see cref="IObservations"/> as little as possible.
/// </summary>
public sealed class Planner
{
    private readonly Claims _claims = new();
    private readonly ManifestsOfJobs _manifests;
    private readonly UnchangedJob _unchanged;

    /// <summary>Begins a run.</summary>
    /// <param name="manifests">Where each job was seen, including by earlier planners; null starts empty.</param>
    public Planner(ManifestsOfJobs? manifests = null)
    {
        _manifests = manifests ?? new();
        _unchanged = new UnchangedJob(_claims);
    }

    /// <summary>Plans one manifest: one item per target, in the manifest's order. An artifact without a target gets one item that says why.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">The routes of its artifacts.</param>
    /// <param name="world">The observations.</param>
    /// <param name="force">Examine every target, even if the ledger says that nothing changed.</param>
    /// <param name="prove">Selects, by artifact and requested target, the items whose targets are examined again; null selects none.</param>
    /// <param name="seen">The current state of each artifact's source, in the manifest's order, null where it could not be examined. Where nothing
    /// has changed, the sources are not queried again. Null queries all of them.</param>
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
            $"'{artifact.Path}' of job '{manifest.JobId}' is not removed although its route says release: delete: another "
                + "artifact of the job is the same file.",
            "Let the producer write a file of its own for each artifact; once all of them are copied they can be removed by hand.");
        return items.ConvertAll(item => item with { Release = ReleasePolicy.Keep, Kept = why });
    }

    // Another party may change or remove a file that it put there, so no source is released for an adopted copy; a missing source needs no release.
    private static List<PlanItem> Held(List<PlanItem> items) =>
        items.Exists(item => item.IsAdopted || item.IsSourceGone) ? items.ConvertAll(item => item with { Release = ReleasePolicy.Keep }) : items;

    // Queried only if the source would be removed once all copies exist.
    private static Notice? Kept(List<PlanItem> items, Manifest manifest, Artifact artifact, IObservations world)
    {
        if (items.Count == 0 || !MayRelease(items)) return null;
        try
        {
            return world.KeptBecause(manifest, artifact, AwaitsRelease(items));
        }
        catch (FailureException)
        {
            // The file changed since it was examined; reading or removing it reports the error.
            return null;
        }
    }

    // The run that recorded the last copy did not get to remove the source. It could rely on the copies it had just made; now every copy is examined
    // and read again first.
    private static bool AwaitsRelease(List<PlanItem> items) =>
        items.Count > 0 && items.TrueForAll(item => item is { Action: PlanAction.Unchanged, Release: ReleasePolicy.Delete, Source: not null });

    // This run makes the missing copies and then removes the source, so the copies of earlier runs must still exist.
    private static bool MayRelease(List<PlanItem> items) =>
        items.TrueForAll(
            item => item is { Action: PlanAction.Unchanged or PlanAction.Copy or PlanAction.Adopt, Release: ReleasePolicy.Delete, Source: not null });

    // Two artifacts may be the same file, through a link or a linked folder; releasing it for one would take it from the other. An artifact without a
    // route does not need its file; one that is not part of this request may be needed by another run.
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

    // The caller may pass the same artifact twice, for example from two joined pipelines; it is planned once.
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
