namespace NasSync.Planning;

/// <summary>
/// Plans a manifest in which nothing has changed since it was recorded, which is nearly all that a second run meets: every wish has its row, every
/// source is the one that was copied, and no other item of the run writes any of the targets. It only confirms: as soon as one item is not
/// <see cref="PlanAction.Unchanged"/> by the rules of <see cref="JobPlanner"/>, that class plans the whole manifest.
/// </summary>
/// <param name="claims">The targets that the run's items occupy.</param>
internal sealed class UnchangedJob(Claims claims)
{
    private const int FewFolders = 4;

    // Scratch data of the current manifest; cleared rather than reallocated for each.
    private readonly List<(string Key, string TargetKey)> _keys = [];
    private readonly HashSet<string> _distinct = new(StringComparer.Ordinal);
    private readonly KnownCopies _known = new();
    private readonly List<string> _folders = [];

    private (long Day, string Reason) _reason = (-1, "");

    /// <summary>Whether all artifacts of a manifest have a decision, in order, each with a target, and no source is to be released.</summary>
    public static bool IsPlain(Manifest manifest, IReadOnlyList<RouteDecision> decisions)
    {
        if (decisions.Count == 0 || decisions.Count != manifest.Artifacts.Count) return false;
        for (var i = 0; i < decisions.Count; i++)
        {
            if (decisions[i] is not { Failure: null, SkipReason: null, Targets.Count: > 0, Route: null or { Release: ReleasePolicy.Keep } })
                return false;
            if (!ReferenceEquals(decisions[i].Artifact, manifest.Artifacts[i])) return false;
        }

        return true;
    }

    /// <summary>The items, with their targets claimed; null, with nothing claimed, when something may have changed.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="decisions">The routes of its artifacts, which must be plain.</param>
    /// <param name="world">The observations.</param>
    /// <param name="seen">As in <see cref="Planner.Plan"/>.</param>
    public List<PlanItem>? TryPlan(Manifest manifest, IReadOnlyList<RouteDecision> decisions, IObservations world, IReadOnlyList<FileState?>? seen)
    {
        Clear();
        _known.Read(manifest.JobId, decisions, world);
        if (_known.Count < decisions.Count) return null;
        var items = new List<PlanItem>(decisions.Count);
        var job = new RowsInOrder(_known);
        for (var i = 0; i < decisions.Count; i++)
        {
            var source = seen is null ? Look(manifest, decisions[i].Artifact, world) : seen[i];
            if (source is not { } state || !TryAdd(items, manifest, decisions[i], ref job, state)) return null;
        }

        if (MayCollide()) return null;
        claims.TakeUnchanged(manifest.JobId, items, _keys);
        return items;
    }

    /// <summary>Whether the ledger has no row at all of the job that was tried last.</summary>
    public bool IsUnknown => _known.Count == 0;

    private bool TryAdd(List<PlanItem> items, Manifest manifest, RouteDecision decision, ref RowsInOrder job, FileState source)
    {
        var (artifact, verify) = (decision.Artifact, decision.Route?.Verify ?? VerifyLevel.Checksum);
        if (artifact.Size is { } declared && declared != source.Size) return false;
        foreach (var requested in decision.Targets)
        {
            var key = requested.Key;
            if (!IsNew(key) || job.Find(artifact.RelativePath, requested, key) is not (>= 0 and var at)) return false;
            ref readonly var row = ref _known[at];
            if (row.IsSuperseded
                || !RecordedJob.Satisfies(row.VerifiedBy, verify)
                || !RecordedJob.SameSource(row.Source, row.Sha256, source, artifact.Sha256)
                || source.IsTouchedSince(row.Source))
                return false;
            var target = KnownCopy.IsSame(row.Target, requested) ? requested : row.Target;
            var targetKey = ReferenceEquals(target, requested) ? key : target.Key;
            if (claims.IsWrittenByOther(targetKey, manifest.JobId, artifact.RelativePath, key)) return false;
            _keys.Add((key, targetKey));
            items.Add(new PlanItem
            {
                Manifest = manifest,
                Artifact = artifact,
                Action = PlanAction.Unchanged,
                Reason = Reason(row.CommittedAt),
                Target = target,
                Requested = requested,
                Verify = verify,
                Source = source,
                Sha256 = row.Sha256,
                IsAdopted = row.IsAdopted,
            });
        }

        return true;
    }

    // JobPlanner examines such a source again and reports what is wrong with it.
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

    // Whether one target would have to be a folder of another. Targets in one folder cannot; of several folders, none may equal or lie below a
    // target.
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

    // Ascending keys are distinct, and most manifests list their files in order.
    private bool IsNew(string key)
    {
        if (_distinct.Count == 0)
        {
            if (_keys.Count == 0 || string.CompareOrdinal(_keys[^1].Key, key) < 0) return true;
            foreach (var (known, _) in _keys) _distinct.Add(known);
        }

        return _distinct.Add(key);
    }

    private string Reason(DateTimeOffset committedAt)
    {
        var day = committedAt.UtcTicks / TimeSpan.TicksPerDay;
        if (day != _reason.Day) _reason = (day, $"unchanged {RecordedJob.Since(committedAt)}");
        return _reason.Reason;
    }

    private void Clear()
    {
        _keys.Clear();
        _distinct.Clear();
        _folders.Clear();
    }

    /// <summary>A job's rows. They are sorted by artifact, like most manifests, so the next row is usually the one that is needed.</summary>
    private struct RowsInOrder(KnownCopies rows)
    {
        private int _next;
        private Dictionary<(string Artifact, string Key), int>? _all;

        /// <summary>The index of a wish's row; -1 when there is none, or it refers to a root that the configuration has since changed.</summary>
        public int Find(RelativePath artifact, Target requested, string key)
        {
            if (_next < rows.Count && rows[_next].Artifact == artifact.Value && KnownCopy.IsSame(rows[_next].Requested, requested)) return _next++;
            _all ??= rows.ByWish();
            if (!_all.TryGetValue((artifact.Value, key), out var at) || !RecordedJob.SamePlace(rows[at].Requested, requested)) return -1;

            // A different spelling means that the copy must be renamed.
            return rows[at].Requested.Display == requested.Display ? at : -1;
        }
    }
}
