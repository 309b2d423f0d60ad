namespace NasSync;

/// <summary>Why an item was not sent although nothing is wrong.</summary>
public enum SkipKind
{
    /// <summary>The ledger proves that nothing changed.</summary>
    Unchanged,

    /// <summary>The same bytes were at the target already and were recorded in the ledger.</summary>
    AlreadyPresent,

    /// <summary>No route matches, or the route's root is not set.</summary>
    Unrouted,

    /// <summary>The target has a file that is not a recorded copy of this artifact, and the route says <c>skip</c>.</summary>
    Conflict,

    /// <summary>The source is gone, and its manifest is gone too or was rewritten: the next run reads the new state.</summary>
    Superseded,

    /// <summary>An entry of a repair plan is outdated.</summary>
    Stale,
}

/// <summary>
/// The events of a run, in order, as data. Cmdlets, command line, daemon, log and tests all consume this one stream. The hierarchy is closed: match
/// it with <c>switch</c>.
/// </summary>
public abstract record TransferEvent
{
    private TransferEvent()
    {
    }

    /// <summary>The wire name: <c>warned</c>, <c>planned</c>, <c>started</c>, <c>progress</c>, <c>retrying</c>, <c>committed</c>, <c>skipped</c>,
    /// <c>failed</c>, <c>released</c>, <c>jobCleared</c>, <c>jobFinished</c>, <c>finished</c>.</summary>
    public abstract string Name { get; }

    /// <summary>A notice for people although nothing failed; precedes everything that it concerns.</summary>
    public sealed record Warned(Notice Notice) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "warned";
    }

    /// <summary>A manifest was planned; its items follow.</summary>
    public sealed record Planned(Manifest Manifest, TransferPlan Plan) : TransferEvent
    {
        /// <summary>What happens to the job's folder when all of the job is recorded, as text for people; null for nothing.</summary>
        public string? Then { get; init; }

        /// <inheritdoc/>
        public override string Name => "planned";
    }

    /// <summary>The transfer of an item begins.</summary>
    public sealed record Started(PlanItem Item) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "started";
    }

    /// <summary>The number of an item's bytes transferred so far.</summary>
    public sealed record Progress(PlanItem Item, long Bytes) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "progress";
    }

    /// <summary>An item failed with a transient error and will be retried in this run.</summary>
    /// <param name="Item">The item.</param>
    /// <param name="Failure">The error.</param>
    /// <param name="Delay">The delay before the retry.</param>
    public sealed record Retrying(PlanItem Item, Failure Failure, TimeSpan Delay) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "retrying";
    }

    /// <summary>A copy is verified, visible under its final name, and recorded in the ledger.</summary>
    public sealed record Committed(PlanItem Item, CommitReceipt Receipt, TimeSpan Elapsed) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "committed";
    }

    /// <summary>An item was not sent, and nothing is wrong.</summary>
    public sealed record Skipped(PlanItem Item, SkipKind Kind) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "skipped";
    }

    /// <summary>An item, or a whole manifest, failed. Everything else continues.</summary>
    public sealed record Failed(string Subject, Failure Failure, PlanItem? Item = null) : TransferEvent
    {
        /// <summary>The job's id; null when the failure is not about one job.</summary>
        public string? JobId { get; init; } = Item?.JobId;

        /// <summary>The artifact's path; null when the failure is not about one artifact.</summary>
        public string? ArtifactPath { get; init; } = Item?.Artifact.Path;

        /// <summary>The target; null when the failure is not about one target.</summary>
        public Target? Target { get; init; } = Item?.Target;

        /// <inheritdoc/>
        public override string Name => "failed";
    }

    /// <summary>A source was removed because its route says so, after all its copies were recorded.</summary>
    public sealed record Released(Manifest Manifest, Artifact Artifact) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "released";
    }

    /// <summary>The folder of a completely recorded job was removed or archived, as the configuration says.</summary>
    /// <param name="Manifest">The manifest, which is no longer at its path.</param>
    /// <param name="MovedTo">The folder's new path; null when it was removed.</param>
    public sealed record JobCleared(Manifest Manifest, string? MovedTo) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "jobCleared";
    }

    /// <summary>
    /// All items of one manifest have their outcome. Raised only while an outputs folder is watched, where <see cref="Finished"/> may be far away.
    /// The release of a source may follow.
    /// </summary>
    /// <param name="ManifestPath">The manifest's full path.</param>
    /// <param name="JobId">The job; null when the manifest could not be read.</param>
    /// <param name="Result">The totals of the job.</param>
    public sealed record JobFinished(string ManifestPath, string? JobId, SyncResult Result) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "jobFinished";
    }

    /// <summary>The last event of every run, even of a stopped one.</summary>
    public sealed record Finished(SyncResult Result) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "finished";
    }
}
