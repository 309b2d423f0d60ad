namespace NasSync.Transfers;

/// <summary>
/// Counts the outcomes of each manifest in an endless run, and tells when a manifest is done. It counts the run's own events, so it cannot contradict
/// them. Thread-safe.
/// </summary>
internal sealed class JobTallies(TimeProvider time)
{
    private readonly object _gate = new();
    private readonly Dictionary<string, Job> _jobs = new(StringComparer.Ordinal);

    /// <summary>Whether no manifest is being worked on.</summary>
    public bool AreEmpty
    {
        get
        {
            lock (_gate) return _jobs.Count == 0;
        }
    }

    /// <summary>Begins to count for a manifest.</summary>
    public void Begin(string manifestPath)
    {
        lock (_gate) _jobs[manifestPath] = new Job(time.GetTimestamp());
    }

    /// <summary>Notes that an item of a manifest failed and is retried automatically.</summary>
    public void TryAgainAt(string manifestPath, DateTimeOffset at)
    {
        lock (_gate)
            if (_jobs.TryGetValue(manifestPath, out var job) && (job.AgainAt is not { } before || at < before)) job.AgainAt = at;
    }

    /// <summary>Counts one event.</summary>
    /// <returns>The manifest's summary if this was its last outcome, with the time until its retry, if there is one; otherwise null.</returns>
    public (TransferEvent.JobFinished Event, TimeSpan? Again)? Count(TransferEvent happened) => happened switch
    {
        TransferEvent.Planned { Manifest: var manifest } planned =>
            Count(manifest.Path, happened, job => (job.JobId, job.Expected) = (manifest.JobId, planned.Plan.Items.Count)),
        TransferEvent.Committed { Item: var item } => Count(item, happened),
        TransferEvent.Skipped { Item: var item } => Count(item, happened),
        TransferEvent.Failed { Item: { } item } => Count(item, happened),

        // The manifest itself failed, so no items follow.
        TransferEvent.Failed failed => Count(failed.Subject, happened, job => job.Expected = 0),
        _ => null,
    };

    // Counts names, not events: an item that had to settle is planned again, and one whose source could not be removed has two events.
    private (TransferEvent.JobFinished Event, TimeSpan? Again)? Count(PlanItem item, TransferEvent happened) =>
        Count(item.Manifest.Path, happened, job => job.Done.Add((item.Artifact.Path, item.Requested?.Key)));

    private (TransferEvent.JobFinished Event, TimeSpan? Again)? Count(string manifestPath, TransferEvent happened, Action<Job> note)
    {
        lock (_gate)
        {
            if (!_jobs.TryGetValue(manifestPath, out var job)) return null;
            note(job);
            job.Tally.Count(happened);
            if (job.Expected is not { } expected || job.Done.Count < expected) return null;
            _jobs.Remove(manifestPath);
            var result = job.Tally.Finish(time.GetElapsedTime(job.Started), stopped: false);
            var left = job.AgainAt - time.GetUtcNow();
            return (new TransferEvent.JobFinished(manifestPath, job.JobId, result), left < TimeSpan.Zero ? TimeSpan.Zero : left);
        }
    }

    private sealed class Job(long started)
    {
        public long Started { get; } = started;

        public string? JobId { get; set; }

        public int? Expected { get; set; }

        public HashSet<(string Artifact, string? Requested)> Done { get; } = [];

        public RunTally Tally { get; } = new(dryRun: false);

        public DateTimeOffset? AgainAt { get; set; }
    }
}
