namespace NasSync.Planning;

/// <summary>
/// Plans a manifest of which nothing has changed since it was recorded, which is nearly all that a second run sees: every wish has its row, every
/// source is the one that was copied, and no other item of the run will write any of its places. It decides nothing by itself: as soon as one
/// item is not <see cref="PlanAction.Unchanged"/> by the rules of <see cref="JobPlanner"/>, the whole manifest is left to these.
/// </summary>
/// <param name="claims">The places that the run's items take.</param>
internal sealed class UnchangedJob(Claims claims)
{
    private const int FewFolders = 4;

    // Of the manifest at hand; cleared, and not made anew, for each.
    private readonly List<(string Key, string TargetKey)> _keys = [];
    private readonly HashSet<string> _distinct = new(StringComparer.Ordinal);
    private readonly List<string> _folders = [];

    private (long Day, string Reason) _reason = (-1, "");

    /// <summary>Whether each artifact of a manifest has a decision, in order, and each decision a target whose copy does not take the source's place.</summary>
    public static bool IsPlain(Manifest manifest, IReadOnlyList<RouteDecision> decisions)
    {
        if (decisions.Count == 0 || decisions.Count != manifest.Artifacts.Count) return false;
        for (var i = 0; i < decisions.Count; i++)
        {
            if (decisions[i] is not { Failure: null, SkipReason: null, Targets.Count: > 0, Route: null or { Release: ReleasePolicy.Keep } }) return false;
            if (!ReferenceEquals(decisions[i].Artifact, manifest.Artifacts[i])) return false;
        }

        return true;
    }

    /// <summary>The items, with their places taken; null, and nothing taken, when something may have changed.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">Its artifacts' routes, plain ones.</param>
    /// <param name="rows">What the ledger has of the job.</param>
    /// <param name="world">Where sources are looked at.</param>
    /// <param name="seen">As in <see cref="Planner.Plan"/>.</param>
    public List<PlanItem>? TryPlan(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IReadOnlyList<RecordedCopy> rows, IObservations world, IReadOnlyList<FileState?>? seen)
    {
        if (rows.Count < decisions.Count) return null;
        Clear();
        var items = new List<PlanItem>(decisions.Count);
        var job = new RowsInOrder(rows);
        for (var i = 0; i < decisions.Count; i++)
        {
            var source = seen is null ? Look(manifest, decisions[i].Artifact, world) : seen[i];
            if (source is not { } state || !TryAdd(items, manifest, decisions[i], ref job, state)) return null;
        }

        if (MayCollide()) return null;
        claims.TakeUnchanged(manifest.JobId, items, _keys);
        return items;
    }

    private bool TryAdd(List<PlanItem> items, Manifest manifest, RouteDecision decision, ref RowsInOrder job, FileState source)
    {
        var (artifact, verify) = (decision.Artifact, decision.Route?.Verify ?? VerifyLevel.Checksum);
        if (artifact.Size is { } declared && declared != source.Size) return false;
        foreach (var requested in decision.Targets)
        {
            var key = requested.Key;
            if (!_distinct.Add(key) || job.Find(artifact.Path, requested, key) is not { SupersededBy: null } row || !RecordedJob.Satisfies(row.Receipt, verify)) return false;
            if (!RecordedJob.SameSource(row, source, artifact.Sha256)) return false;
            var target = IsSame(row.Target, requested) ? requested : row.Target;
            var targetKey = ReferenceEquals(target, requested) ? key : target.Key;
            if (claims.IsWrittenByOther(targetKey, manifest.JobId, artifact.Path, key)) return false;
            _keys.Add((key, targetKey));
            items.Add(new PlanItem
            {
                Manifest = manifest,
                Artifact = artifact,
                Action = PlanAction.Unchanged,
                Reason = Reason(row),
                Target = target,
                Requested = requested,
                Verify = verify,
                Source = source,
                Sha256 = row.Receipt.Sha256,
            });
        }

        return true;
    }

    // A source that is not as it should be is looked at again by who can say what is wrong with it.
    private static FileState? Look(Manifest manifest, Artifact artifact, IObservations world)
    {
        try
        {
            return world.Source(manifest, artifact);
        }
        catch (FailureException)
        {
            return null;
        }
    }

    // Whether one of the manifest's targets would have to be a folder of another. Files of few folders cannot be, unless one's name is another's folder.
    private bool MayCollide()
    {
        foreach (var (key, _) in _keys)
        {
            var folder = key.AsSpan(0, Math.Max(key.LastIndexOf('/'), 0));
            if (_folders.Count > 0 && folder.SequenceEqual(_folders[^1])) continue;
            if (_folders.Contains(folder.ToString())) continue;
            if (_folders.Count == FewFolders) return true;
            _folders.Add(folder.ToString());
        }

        if (_folders.Count == 1) return false;
        foreach (var (key, _) in _keys)
            foreach (var folder in _folders)
                if (folder.StartsWith(key, StringComparison.Ordinal) && (folder.Length == key.Length || folder[key.Length] == '/')) return true;
        return false;
    }

    private string Reason(RecordedCopy row)
    {
        var day = row.Receipt.CommittedAt.UtcTicks / TimeSpan.TicksPerDay;
        if (day != _reason.Day) _reason = (day, $"unchanged {RecordedJob.Since(row)}");
        return _reason.Reason;
    }

    private void Clear()
    {
        _keys.Clear();
        _distinct.Clear();
        _folders.Clear();
    }

    private static bool IsSame(Target one, Target other) =>
        ReferenceEquals(one, other) || (one.Path == other.Path && one.Root == other.Root && one.Destination == other.Destination);

    /// <summary>A job's rows: they lie in the order of their names, as the artifacts do in most manifests, so that the next one is mostly the one wanted.</summary>
    private struct RowsInOrder(IReadOnlyList<RecordedCopy> rows)
    {
        private int _next;
        private RecordedJob? _all;

        public RecordedCopy? Find(RelativePath artifact, Target requested, string key)
        {
            if (_next < rows.Count && rows[_next] is var row && row.Artifact == artifact.Value && IsSame(row.Requested, requested))
            {
                _next++;
                return row;
            }

            return (_all ??= new RecordedJob(rows)).Find(artifact, requested, key);
        }
    }
}
