namespace NasSync;

/// <summary>The outcome of one artifact at one target.</summary>
public enum SyncItemResult
{
    /// <summary>Only with <c>-WhatIf</c>: the artifact would be sent.</summary>
    Planned,

    /// <summary>The copy was sent, verified and recorded.</summary>
    Committed,

    /// <summary>The ledger proved that nothing changed; nothing was touched.</summary>
    Unchanged,

    /// <summary>The same bytes were at the target already and were recorded in the ledger.</summary>
    AlreadyPresent,

    /// <summary>Not sent, and nothing is wrong; <see cref="SyncItem.Reason"/> says why.</summary>
    Skipped,

    /// <summary>Not sent, because something is wrong; <see cref="SyncItem.Reason"/> says what.</summary>
    Failed,

    /// <summary>Only with <c>-WhatIf</c>: the same bytes are at the target already and would be recorded; nothing would be sent.</summary>
    PlannedRecord,
}

/// <summary>One item of a run's output, as <c>Invoke-ArtifactSync -PassThru</c> streams it.</summary>
public sealed record SyncItem
{
    /// <summary>The job; null when its manifest could not be read.</summary>
    public string? JobId { get; init; }

    /// <summary>The manifest that lists the artifact, as a full path; null when it is not known.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The artifact, relative to the job folder; the manifest's path when the whole manifest failed.</summary>
    public required string Artifact { get; init; }

    /// <summary>The outcome.</summary>
    public required SyncItemResult Result { get; init; }

    /// <summary>The destination's name; null when no target was decided.</summary>
    public string? Destination { get; init; }

    /// <summary>The copy's actual or planned target: a full local path, or <c>name:path</c>; null when no target was decided.</summary>
    public string? Target { get; init; }

    /// <summary>The size in bytes at the target, or to send; null when unknown.</summary>
    public long? Size { get; init; }

    /// <summary>The bytes that were sent or, with <c>-WhatIf</c>, would be sent; 0 for anything that exists already or has no target.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the content, lower-case hex; for an unchanged item the recorded one; null when no hash was needed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file that the copy replaced or would replace; null when there is none.</summary>
    public ReplacedFile? Replaced { get; init; }

    /// <summary>
    /// The previous target of the job's own copy when only the spelling of its name changes; that file is removed once the new one exists. Null for
    /// nearly every item.
    /// </summary>
    public string? Respells { get; init; }

    /// <summary>True when an equal file counts as the copy, without a record that NasSync copied it; see <see cref="PlanItem.IsAdopted"/>.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>How the copy was verified; null when nothing was sent.</summary>
    public VerifiedBy? VerifiedBy { get; init; }

    /// <summary>How durable the copy is; null when nothing was sent.</summary>
    public Durability? Durability { get; init; }

    /// <summary>Whether the source is removed once all its copies are verified and recorded; see <see cref="PlanItem.RemovesSource"/>.</summary>
    public bool RemovesSource { get; init; }

    /// <summary>The reason, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The failure's code; null when nothing failed.</summary>
    public string? Code { get; init; }

    /// <summary>The cure of the failure; null when nothing failed.</summary>
    public string? Hint { get; init; }

    /// <summary>The duration of the transfer; null when nothing was sent.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>The item for an event; null for events that complete no item.</summary>
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

    /// <summary>The item for an item of a plan.</summary>
    /// <param name="item">The plan's item.</param>
    /// <param name="result">Its outcome.</param>
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
