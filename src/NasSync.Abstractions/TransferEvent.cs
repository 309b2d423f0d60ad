namespace NasSync;

/// <summary>Why an item was not sent although nothing is wrong.</summary>
public enum SkipKind
{
    /// <summary>The ledger proves that nothing changed.</summary>
    Unchanged,

    /// <summary>The same bytes were there already; the ledger learned of it.</summary>
    AlreadyPresent,

    /// <summary>No route matches, or the route's root is not set.</summary>
    Unrouted,

    /// <summary>Another origin's file stands there and the route says <c>skip</c>.</summary>
    Conflict,

    /// <summary>The source is gone, and so is the manifest that named it, or it was written anew: the next run reads what is there then.</summary>
    Superseded,

    /// <summary>A repair plan speaks of something that has changed since.</summary>
    Stale,
}

/// <summary>
/// What happens during a run, in order, as data. Cmdlets, command line, daemon, log and tests all consume this one stream.
/// The hierarchy is closed: match it with <c>switch</c>.
/// </summary>
public abstract record TransferEvent
{
    private TransferEvent()
    {
    }

    /// <summary>The wire name: <c>warned</c>, <c>planned</c>, <c>started</c>, <c>progress</c>, <c>retrying</c>, <c>committed</c>, <c>skipped</c>,
    /// <c>failed</c>, <c>released</c>, <c>jobCleared</c>, <c>jobFinished</c>, <c>finished</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Something that people should know although nothing failed; it comes before everything it concerns.</summary>
    public sealed record Warned(Notice Notice) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "warned";
    }

    /// <summary>A manifest was planned; its items follow.</summary>
    public sealed record Planned(Manifest Manifest, TransferPlan Plan) : TransferEvent
    {
        /// <summary>What is done with the job's folder when all of it is recorded, for people; null: nothing.</summary>
        public string? Then { get; init; }

        /// <inheritdoc/>
        public override string Name => "planned";
    }

    /// <summary>The bytes of an item begin to move.</summary>
    public sealed record Started(PlanItem Item) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "started";
    }

    /// <summary>Bytes of an item that have moved so far.</summary>
    public sealed record Progress(PlanItem Item, long Bytes) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "progress";
    }

    /// <summary>An item did not get there for a reason that may pass, and is tried again in this run.</summary>
    /// <param name="Item">The item.</param>
    /// <param name="Failure">What went wrong.</param>
    /// <param name="Delay">How long it waits.</param>
    public sealed record Retrying(PlanItem Item, Failure Failure, TimeSpan Delay) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "retrying";
    }

    /// <summary>A copy is proven, visible under its final name, and in the ledger.</summary>
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

    /// <summary>An item, or a whole manifest, failed. Everything else goes on.</summary>
    public sealed record Failed(string Subject, Failure Failure, PlanItem? Item = null) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "failed";
    }

    /// <summary>A source was removed, as its route says, after every copy of it was recorded.</summary>
    public sealed record Released(Manifest Manifest, Artifact Artifact) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "released";
    }

    /// <summary>The folder of a job of which all is recorded was cleared away, as the configuration says.</summary>
    /// <param name="Manifest">The manifest, which is not where it was.</param>
    /// <param name="MovedTo">The folder's new place; null when it was removed.</param>
    public sealed record JobCleared(Manifest Manifest, string? MovedTo) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "jobCleared";
    }

    /// <summary>
    /// Everything of one manifest has its outcome; only while an outputs folder is watched, where no <see cref="Finished"/> would come for long. A
    /// source that is released then may follow.
    /// </summary>
    /// <param name="ManifestPath">The manifest's full path.</param>
    /// <param name="JobId">The job; null when the manifest could not be read.</param>
    /// <param name="Result">What was done for it.</param>
    public sealed record JobFinished(string ManifestPath, string? JobId, SyncResult Result) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "jobFinished";
    }

    /// <summary>The last event of every run, also of one that was stopped.</summary>
    public sealed record Finished(SyncResult Result) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "finished";
    }
}
