using NasSync.Config;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>
/// Tracks which jobs of a run are completely recorded, and removes or archives their folders as the configuration says. A job is not finished if
/// one of its items failed, was skipped or was not approved, or if a copy goes to a root that this run creates. While a ledger is rebuilt, every
/// folder stays.
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
    private readonly Queue<Job> _finished = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private FinishedJobs(FinishedJobsPolicy policy, string outputs, Ledger ledger, TimeProvider time, Action<TransferEvent> emit) =>
        (_policy, _outputs, _ledger, _time, _emit) = (policy, Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs)), ledger, time, emit);

    /// <summary>
    /// The finished jobs of a run, including a dry run; null when the configuration keeps job folders, or the run covers only parts of its jobs.
    /// </summary>
    public static FinishedJobs? Of(SyncConfig config, SyncRequest request, Ledger ledger, TimeProvider time, Action<TransferEvent> emit) =>
        config.FinishedJobs.Action == FinishedJobsAction.Keep || config.OutputsDir is null
            || request is not { Repair: null, Failures.Count: 0, Only.Count: 0 }
            ? null
            : new FinishedJobs(config.FinishedJobs, config.OutputsDir, ledger, time, emit);

    /// <summary>A text that says what happens to a job's folder if its whole plan succeeds; null when nothing happens.</summary>
    /// <param name="manifest">The job's manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="looks">Whether to inspect the folder and report why it would be kept; false uses the plan only, which costs nothing.</param>
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
    /// The artifacts of a plan whose copies must be verified again before the job may be removed, because only the ledger vouches for them. Empty
    /// if the job could not be removed anyway.
    /// </summary>
    public IReadOnlySet<Artifact> ToProve(Manifest manifest, TransferPlan plan)
    {
        var known = new HashSet<Artifact>(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        if (_policy.Action != FinishedJobsAction.Remove || _ledger.IsRebuilding || !MayFinish(manifest, plan.Items)) return known;
        foreach (var item in plan.Items)
            if (item is { Action: PlanAction.Unchanged, Source: not null, IsSourceGone: false }) known.Add(item.Artifact);

        // Copies of this run are not recorded yet, which is no obstacle; so only a plan without any is checked.
        if (known.Count > 0 && plan.Items.All(item => item.Action == PlanAction.Unchanged) && WhyKept(manifest, foreseen: null) is { } kept)
        {
            TellOnce(manifest, kept);
            known.Clear();
        }

        return known;
    }

    /// <summary>Notes that a manifest was planned and its items follow.</summary>
    public void Begin(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        if (!MayFinish(manifest, items)) return;
        lock (_gate) _open[manifest.Path] = new Job(manifest, items.Count);
    }

    // Prediction and run use the same condition, so that a plan promises exactly what the run does.
    private bool MayFinish(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        if (items.Count == 0 || !IsOf(_outputs, manifest.Path) || !IsWhole(manifest, items)) return false;
        foreach (var item in items)
            if (item.IsAtNewRoot || item.Action is PlanAction.Skip or PlanAction.Refuse) return false;
        return true;
    }

    // A request with decisions may cover only a part of the job.
    private static bool IsWhole(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        var planned = items.Select(item => item.Artifact.Path).ToHashSet(StringComparer.Ordinal);
        return manifest.Artifacts.All(artifact => planned.Contains(artifact.Path));
    }

    /// <summary>Notes that an item is recorded, after its source was released or kept.</summary>
    /// <param name="item">The item.</param>
    /// <param name="copy">Its copy, if this run made or adopted it.</param>
    public void Done(PlanItem item, ProvenCopy? copy = null)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(item.Manifest.Path, out var job) || !ReferenceEquals(job.Manifest, item.Manifest)) return;
            job.Done.Add((item.Artifact.Path, item.Requested?.Key));
            if (item is { Action: PlanAction.Unchanged, Source: not null, IsSourceGone: false } && _policy.Action == FinishedJobsAction.Remove)
                job.IsProven = false;
            if (copy is { } proven && _policy.Action == FinishedJobsAction.Remove) job.Copies.Add(proven);
            if (job.Done.Count < job.Expected) return;
            _open.Remove(item.Manifest.Path);
            if (job.IsProven) _finished.Enqueue(job);
        }
    }

    /// <summary>Notes that an item of a manifest was not recorded.</summary>
    public void Spoil(string manifestPath)
    {
        lock (_gate) _open.Remove(manifestPath);
    }

    /// <summary>Removes or archives the folders of jobs that are finished by now. Must not be called while a source is being released.</summary>
    /// <param name="look">Looks again at copies that were made long ago.</param>
    /// <param name="cancellationToken">Ends the questions to places; a folder whose copies were not looked at stays.</param>
    public async Task ClearAsync(SecondLook look, CancellationToken cancellationToken)
    {
        while (Next() is { Manifest: var manifest } job)
        {
            try
            {
                if (_ledger.IsRebuilding) continue;
                if (await look.DoubtAsync(job.Copies.Where(look.IsDueFor), cancellationToken).ConfigureAwait(false) is { } doubt)
                    TellOnce(manifest, Kept(manifest, doubt, null, isForetold: false));
                else
                    Clear(manifest);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
            {
                TellOnce(manifest, Kept(manifest, e, isForetold: false));
            }
        }
    }

    private Job? Next()
    {
        lock (_gate) return _finished.TryDequeue(out var job) ? job : null;
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

    // The reason to keep the folder, or null. Uses the ledger alone, or also what the plan will record.
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
            // Without a prediction, the error is ignored: the folder is checked again when it is its turn.
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

    // Reports each notice once; otherwise a watching run would repeat it at every look.
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

        /// <summary>The copies that this run made or adopted, where the folder is removed.</summary>
        public List<ProvenCopy> Copies { get; } = [];

        // Whether each copy was verified in this run, and not only taken from the ledger.
        public bool IsProven { get; set; } = true;
    }
}
