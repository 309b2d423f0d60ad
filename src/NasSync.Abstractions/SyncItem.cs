namespace NasSync;

/// <summary>What became of one artifact at one target.</summary>
public enum SyncItemResult
{
    /// <summary>Only with <c>-WhatIf</c>: it would be sent.</summary>
    Planned,

    /// <summary>Sent, proven and recorded.</summary>
    Committed,

    /// <summary>The ledger proved that nothing changed; nothing was touched.</summary>
    Unchanged,

    /// <summary>The same bytes were there already; the ledger learned of it.</summary>
    AlreadyPresent,

    /// <summary>Not sent, and nothing is wrong; <see cref="SyncItem.Reason"/> says why.</summary>
    Skipped,

    /// <summary>Not sent, because something is wrong; <see cref="SyncItem.Reason"/> says what.</summary>
    Failed,

    /// <summary>Only with <c>-WhatIf</c>: the same bytes are there already, and the ledger would learn of it; nothing would be sent.</summary>
    PlannedRecord,
}

/// <summary>One line of a run's output, as <c>Invoke-ArtifactSync -PassThru</c> streams it.</summary>
public sealed record SyncItem
{
    /// <summary>The job; null when its manifest could not be read.</summary>
    public string? JobId { get; init; }

    /// <summary>The manifest that lists the artifact, as a full path; null when it is not known.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The artifact, relative to the job folder; the manifest's path when the whole manifest failed.</summary>
    public required string Artifact { get; init; }

    /// <summary>What became of it.</summary>
    public required SyncItemResult Result { get; init; }

    /// <summary>The destination's name; null when no target was decided.</summary>
    public string? Destination { get; init; }

    /// <summary>Where the copy is, or would be: a full local path, or <c>name:path</c>; null when no target was decided.</summary>
    public string? Target { get; init; }

    /// <summary>Bytes at the target, or to send; null when not known.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes that were sent, or with <c>-WhatIf</c> would be: 0 for all that is there already or goes nowhere.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the content, lower-case hex; the ledger's for what is unchanged; null when nobody needed the hash.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What the copy took the place of, or would; null when it took nobody's.</summary>
    public ReplacedFile? Replaced { get; init; }

    /// <summary>
    /// Where the job's own copy has been, by a name of another spelling; that file goes once this one stands. Null for nearly every item.
    /// </summary>
    public string? Respells { get; init; }

    /// <summary>True where a file of another origin, with the same bytes, counts as the copy; see <see cref="PlanItem.IsAdopted"/>.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>How the copy was verified; null when nothing was sent.</summary>
    public VerifiedBy? VerifiedBy { get; init; }

    /// <summary>How durable the copy is; null when nothing was sent.</summary>
    public Durability? Durability { get; init; }

    /// <summary>Whether the source is removed once every copy of it is proven and recorded, as <see cref="PlanItem.RemovesSource"/>.</summary>
    public bool RemovesSource { get; init; }

    /// <summary>Why, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The failure's code; null when nothing failed.</summary>
    public string? Code { get; init; }

    /// <summary>What cures the failure; null when nothing failed.</summary>
    public string? Hint { get; init; }

    /// <summary>How long sending took; null when nothing was sent.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>The line for an event; null for events that end no item.</summary>
    public static SyncItem? From(TransferEvent happened) => happened switch
    {
        TransferEvent.Committed committed => Of(committed.Item, SyncItemResult.Committed) with
        {
            Size = committed.Receipt.Size,
            Bytes = committed.Receipt.Size,
            Sha256 = committed.Receipt.Sha256,
            VerifiedBy = committed.Receipt.VerifiedBy,
            Durability = committed.Receipt.Durability,
            Elapsed = committed.Elapsed,
        },
        TransferEvent.Skipped skipped => Of(skipped.Item, skipped.Kind switch
        {
            SkipKind.Unchanged => SyncItemResult.Unchanged,
            SkipKind.AlreadyPresent => SyncItemResult.AlreadyPresent,
            _ => SyncItemResult.Skipped,
        }),
        TransferEvent.Failed { Item: { } item } failed => Of(item, SyncItemResult.Failed).With(failed.Failure),
        TransferEvent.Failed failed => new SyncItem
        {
            Artifact = failed.Subject,
            ManifestPath = Path.IsPathFullyQualified(failed.Subject) ? failed.Subject : null,
            Result = SyncItemResult.Failed,
            Reason = failed.Failure.Message,
        }.With(failed.Failure),
        _ => null,
    };

    /// <summary>The line for an item of a plan.</summary>
    /// <param name="item">The plan's line.</param>
    /// <param name="result">What became of it.</param>
    public static SyncItem Of(PlanItem item, SyncItemResult result)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new SyncItem
        {
            JobId = item.JobId,
            ManifestPath = item.ManifestPath,
            Bytes = result == SyncItemResult.Planned ? item.BytesToSend : 0,
            Artifact = item.Artifact.Path,
            Result = result,
            Destination = item.Target?.Destination,
            Target = item.Target?.Display,
            Size = item.Source?.Size,
            Sha256 = item.Sha256,
            RemovesSource = item.RemovesSource,
            Replaced = item.Replaced,
            Respells = item.Respells?.Target.Display,
            IsAdopted = item.IsAdopted,
            Reason = item.Reason,
        };
    }

    private SyncItem With(Failure failure) => this with { Reason = failure.Message, Code = failure.Code, Hint = failure.Hint };

    /// <summary>Result, artifact and target.</summary>
    public override string ToString() => $"{Result}: {Artifact}{(Target is null ? "" : " -> " + Target)}";
}
