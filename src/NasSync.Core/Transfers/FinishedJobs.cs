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

    /// <summary>For a run; null when it clears nothing away: it is not to, it changes nothing, or it is about a part of its jobs only.</summary>
    public static FinishedJobs? Of(SyncConfig config, SyncRequest request, Ledger ledger, TimeProvider time, Action<TransferEvent> emit) =>
        config.FinishedJobs.Action == FinishedJobsAction.Keep || config.OutputsDir is null
            || request is not { DryRun: false, Repair: null, Failures.Count: 0, Only.Count: 0 }
            ? null
            : new FinishedJobs(config.FinishedJobs, config.OutputsDir, ledger, time, emit);

    /// <summary>What would be done with a job's folder if all of its plan succeeds, for people; null: nothing.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="manifest">The job's manifest.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="tell">Told why the folder would be kept, where that is looked for; null: it is not, which costs a look through the
    /// folder.</param>
    public static string? Foretell(SyncConfig config, Manifest manifest, TransferPlan plan, Action<Notice>? tell = null)
    {
        if (config.FinishedJobs.Action == FinishedJobsAction.Keep || config.OutputsDir is not { } outputs || plan.Items.Count == 0) return null;
        if (!IsOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs)), manifest.Path) || !IsWhole(manifest, plan.Items)) return null;
        if (plan.Items.Any(item => item.IsAtNewRoot || item.Action is PlanAction.Skip or PlanAction.Refuse)) return null;
        if (tell is not null && ContentThatKeeps(config, outputs, manifest) is { Obstacle: { } why, Cure: { } cure })
        {
            tell(new Notice(KeptCode, $"When all of job '{manifest.JobId}' is recorded, its folder {manifest.Folder} will be kept: {why}.", cure));
            return null;
        }

        return config.FinishedJobs.Action == FinishedJobsAction.Remove
            ? "remove the job's folder"
            : $"move the job's folder to {config.FinishedJobs.Folder}";
    }

    // What is not in the way of an archive goes along.
    private static JobContent? ContentThatKeeps(SyncConfig config, string outputs, Manifest manifest)
    {
        try
        {
            using var root = SafeRoot.Open(outputs);
            using var folder = root.OpenFolder(null, create: false);
            using var job = folder.OpenSubfolder(Path.GetFileName(manifest.Folder));
            var content = JobContent.Of(job, manifest);
            return content.HoldsAnotherJob || config.FinishedJobs.Action == FinishedJobsAction.Remove ? content : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
        {
            return null; // what cannot be looked at is told when the folder's turn comes
        }
    }

    /// <summary>
    /// The artifacts of a plan whose copies must be proven anew before the job may be removed: only the ledger speaks for them. None when the job
    /// could not be removed all the same.
    /// </summary>
    public IReadOnlySet<Artifact> ToProve(Manifest manifest, TransferPlan plan)
    {
        var known = new HashSet<Artifact>(ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        if (_policy.Action != FinishedJobsAction.Remove || _ledger.IsRebuilding || !IsOf(_outputs, manifest.Path)) return known;
        if (plan.Items.Any(item => item.Action is PlanAction.Skip or PlanAction.Refuse)) return known;
        foreach (var item in plan.Items)
            if (item is { Action: PlanAction.Unchanged, Source: not null, IsSourceGone: false }) known.Add(item.Artifact);

        // What is copied by this very run is not recorded yet, which is no obstacle.
        if (known.Count > 0 && plan.Items.All(item => item.Action == PlanAction.Unchanged) && Obstacle(manifest, out var cure) is { } why)
        {
            Keep(manifest, why, cure);
            known.Clear();
        }

        return known;
    }

    /// <summary>A manifest was planned, and its items follow.</summary>
    public void Begin(Manifest manifest, IReadOnlyList<PlanItem> items)
    {
        if (items.Count == 0 || !IsOf(_outputs, manifest.Path) || !IsWhole(manifest, items) || items.Any(item => item.IsAtNewRoot)) return;
        lock (_gate) _open[manifest.Path] = new Job(manifest, items.Count);
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
            catch (FailureException e)
            {
                Keep(manifest, e.Failure.Message.TrimEnd('.'), failure: e.Failure);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Keep(manifest, SystemFailure.FromException(e, "clear away", manifest.Folder).Message.TrimEnd('.'));
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
        if (_policy.Action == FinishedJobsAction.Remove)
        {
            if (folder.Remove() is { } why) Keep(manifest, why, folder.Cure);
            else _emit(new TransferEvent.JobCleared(manifest, null));
        }
        else if (folder.MoveTo(_policy.Folder!, out var to) is { } why)
        {
            Keep(manifest, why, folder.Cure);
        }
        else
        {
            _emit(new TransferEvent.JobCleared(manifest, to));
        }
    }

    private string? Obstacle(Manifest manifest, out string? cure)
    {
        cure = null;
        try
        {
            using var root = SafeRoot.Open(_outputs);
            using var outputs = root.OpenFolder(null, create: false);
            var folder = new FinishedJobFolder(outputs, manifest, _ledger, _time);
            var why = folder.Obstacle();
            cure = folder.Cure;
            return why;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FailureException)
        {
            return null; // it is looked at again when its turn comes
        }
    }

    // Once: a watcher would else say it with each look.
    private void Keep(Manifest manifest, string why, string? cure = null, Failure? failure = null)
    {
        lock (_gate)
            if (!_told.Add(manifest.Path)) return;
        var notice = new Notice(
            KeptCode,
            $"All of job '{manifest.JobId}' is recorded, but its folder {manifest.Folder} is kept: {why}.",
            cure
                ?? "Nothing is lost: the next run looks again, and copies what was written since; what else keeps the folder is yours to move or remove.");
        _emit(new TransferEvent.Warned(failure is null ? notice : notice with { Code = failure.Code, Hint = failure.Hint }));
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
