using NasSync.Config;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Knows which jobs of a run are wholly recorded, and clears their folders away as the configuration says. A job of which one item failed, was
/// skipped or was not approved is none of them, nor is one of which a copy goes to a root that the run makes. Nothing is cleared away while a ledger
/// is rebuilt.
/// </summary>
internal sealed class FinishedJobs
{
    private const string KeptCode = "JobKept";
    private readonly object _gate = new();
    private readonly FinishedJobsPolicy _policy;
    private readonly string _outputs;
    private readonly Ledger _ledger;
    private readonly TimeProvider _time;
    private readonly Action<TransferEvent> _emit;
    private readonly Dictionary<string, Job> _open = new(StringComparer.Ordinal);
    private readonly Queue<Manifest> _finished = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private FinishedJobs(FinishedJobsPolicy policy, string outputs, Ledger ledger, TimeProvider time, Action<TransferEvent> emit) =>
        (_policy, _outputs, _ledger, _time, _emit) = (policy, Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs)), ledger, time, emit);

    /// <summary>
    /// For a run, also for one that only says what it would do; null when no job's folder is to be cleared away, or the run is about a part of its
    /// jobs only.
    /// </summary>
    public static FinishedJobs? Of(SyncConfig config, SyncRequest request, Ledger ledger, TimeProvider time, Action<TransferEvent> emit) =>
        config.FinishedJobs.Action == FinishedJobsAction.Keep || config.OutputsDir is null
            || request is not { Repair: null, Failures.Count: 0, Only.Count: 0 }
            ? null
            : new FinishedJobs(config.FinishedJobs, config.OutputsDir, ledger, time, emit);

    /// <summary>What will be done with a job's folder if all of its plan succeeds, for people; null: nothing.</summary>
    /// <param name="manifest">The job's manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="looks">Look at the folder too, and tell why it would be kept; false: the plan alone speaks, which costs nothing.</param>
    public string? Foretell(Manifest manifest, TransferPlan plan, bool looks)
    {
        if (_ledger.IsRebuilding || !MayFinish(manifest, plan.Items)) return null;
        if (_policy.Action == FinishedJobsAction.Remove && !looks && plan.Items.Any(item => item is { IsAdopted: true, IsSourceGone: false }))
            return null;
        if (looks && WhyKept(manifest, plan.Items) is { } kept)
        {
            TellOnce(manifest, kept);
            return null;
        }

        return _policy.Action == FinishedJobsAction.Remove ? "remove the job's folder" : $"move the job's folder to {_policy.Folder}";
    }

    /// <summary>
    /// The artifacts of a plan whose copies must be proven anew before the job may be removed: only the ledger speaks for them. None when the job
    /// could not be removed all the same.
    /// </summary>
    public IReadOnlySet<Artifact> ToProve(Manifest manifest, TransferPlan plan)
    {
        var known = new HashSet<Artifact>(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        if (_policy.Action != FinishedJobsAction.Remove || _ledger.IsRebuilding || !MayFinish(manifest, plan.Items)) return known;
        foreach (var item in plan.Items)
            if (item is { Action: PlanAction.Unchanged, Source: not null, IsSourceGone: false }) known.Add(item.Artifact);

        // What is copied by this very run is not recorded yet, which is no obstacle.
        if (known.Count > 0 && plan.Items.All(item => item.Action == PlanAction.Unchanged) && WhyKept(manifest, foreseen: null) is { } kept)
        {
            TellOnce(manifest, kept);
            known.Clear();
        }

        return known;
    }

    /// <summary>A manifest was planned, and its items follow.</summary>
    public void Begin(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        if (!MayFinish(manifest, items)) return;
        lock (_gate) _open[manifest.Path] = new Job(manifest, items.Count);
    }

    // What a plan promises and what a run does, it does for the same jobs.
    private bool MayFinish(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        if (items.Count == 0 || !IsOf(_outputs, manifest.Path) || !IsWhole(manifest, items)) return false;
        foreach (var item in items)
            if (item.IsAtNewRoot || item.Action is PlanAction.Skip or PlanAction.Refuse) return false;
        return true;
    }

    // A run that was given decisions may be about a part of the job only.
    private static bool IsWhole(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        var planned = items.Select(item => item.Artifact.Path).ToHashSet(StringComparer.Ordinal);
        return manifest.Artifacts.All(artifact => planned.Contains(artifact.Path));
    }

    /// <summary>An item is recorded, and so is what its source was released for.</summary>
    public void Done(PlanItem item)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(item.Manifest.Path, out var job) || !ReferenceEquals(job.Manifest, item.Manifest)) return;
            job.Done.Add((item.Artifact.Path, item.Requested?.Key));
            if (item is { Action: PlanAction.Unchanged, Source: not null, IsSourceGone: false } && _policy.Action == FinishedJobsAction.Remove)
                job.IsProven = false;
            if (job.Done.Count < job.Expected) return;
            _open.Remove(item.Manifest.Path);
            if (job.IsProven) _finished.Enqueue(job.Manifest);
        }
    }

    /// <summary>Something of a manifest was not recorded.</summary>
    public void Spoil(string manifestPath)
    {
        lock (_gate) _open.Remove(manifestPath);
    }

    /// <summary>Clears away what is finished by now. Not while a source is being released.</summary>
    public void Clear()
    {
        while (Next() is { } manifest)
        {
            try
            {
                if (!_ledger.IsRebuilding) Clear(manifest);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
            {
                TellOnce(manifest, Kept(manifest, e, isForetold: false));
            }
        }
    }

    private Manifest? Next()
    {
        lock (_gate) return _finished.TryDequeue(out var manifest) ? manifest : null;
    }

    private void Clear(Manifest manifest)
    {
        using var root = SafeRoot.Open(_outputs);
        using var outputs = root.OpenFolder(null, create: false);
        var folder = new FinishedJobFolder(outputs, manifest, _ledger, _time);
        string? to = null;
        var why = _policy.Action == FinishedJobsAction.Remove ? folder.Remove() : folder.MoveTo(_policy.Folder!, out to);
        if (why is null) _emit(new TransferEvent.JobCleared(manifest, to));
        else TellOnce(manifest, Kept(manifest, why, folder.Cure, isForetold: false));
    }

    // Null when nothing is seen that keeps it. By the ledger alone, or by what the plan will have recorded.
    private Notice? WhyKept(Manifest manifest, IReadOnlyList<PlanItem>? foreseen)
    {
        try
        {
            using var root = SafeRoot.Open(_outputs);
            using var outputs = root.OpenFolder(null, create: false);
            var folder = new FinishedJobFolder(outputs, manifest, _ledger, _time) { Foreseen = foreseen };
            return folder.Obstacle(_policy.Folder) is { } why ? Kept(manifest, why, folder.Cure, foreseen is not null) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
        {
            // Where nothing is foretold it is looked at again when its turn comes.
            return foreseen is null ? null : Kept(manifest, e, isForetold: true);
        }
    }

    private static Notice Kept(Manifest manifest, Exception error, bool isForetold)
    {
        if (error is not FailureException { Failure: var failure })
            return Kept(manifest, SystemFailure.FromException(error, "clear away", manifest.Folder).Message.TrimEnd('.'), null, isForetold);
        return Kept(manifest, failure.Message.TrimEnd('.'), failure.Hint, isForetold) with { Code = failure.Code };
    }

    private static Notice Kept(Manifest manifest, string why, string? cure, bool isForetold) => new(
        KeptCode,
        isForetold
            ? $"When all of job '{manifest.JobId}' is recorded, its folder {manifest.Folder} will be kept: {why}."
            : $"All of job '{manifest.JobId}' is recorded, but its folder {manifest.Folder} is kept: {why}.",
        cure ?? "Nothing is lost: the next run looks again, and copies what was written since; "
            + "what else keeps the folder is yours to move or remove.");

    // Once: a watcher would else say it with each look.
    private void TellOnce(Manifest manifest, Notice kept)
    {
        lock (_gate)
            if (!_told.Add(manifest.Path)) return;
        _emit(new TransferEvent.Warned(kept));
    }

    private static bool IsOf(string outputs, string manifest) =>
        Path.GetFileName(manifest) == ManifestFinder.FileName
        && Path.GetDirectoryName(manifest) is { } job && Path.GetDirectoryName(job) == outputs && !ManifestFinder.IsLeftOut(Path.GetFileName(job));

    private sealed class Job(Manifest manifest, int expected)
    {
        public Manifest Manifest { get; } = manifest;

        public int Expected { get; } = expected;

        public HashSet<(string Artifact, string? Requested)> Done { get; } = [];

        // Whether more than the ledger speaks for each copy.
        public bool IsProven { get; set; } = true;
    }
}
