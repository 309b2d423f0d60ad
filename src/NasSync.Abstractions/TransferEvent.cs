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

    /// <summary>The wire name: <c>planned</c>, <c>started</c>, <c>progress</c>, <c>committed</c>, <c>skipped</c>, <c>failed</c>,
    /// <c>released</c>, <c>finished</c>.</summary>
    public abstract string Name { get; }

    /// <summary>A manifest was planned; its items follow.</summary>
    public sealed record Planned(Manifest Manifest, TransferPlan Plan) : TransferEvent
    {
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

    /// <summary>The last event of every run, also of one that was stopped.</summary>
    public sealed record Finished(SyncResult Result) : TransferEvent
    {
        /// <inheritdoc/>
        public override string Name => "finished";
    }
}
