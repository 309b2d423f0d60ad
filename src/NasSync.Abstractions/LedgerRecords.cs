namespace NasSync;

/// <summary>A copy of one artifact at one target, as recorded in the ledger.</summary>
public sealed record RecordedCopy
{
    /// <summary>The job that made the copy.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact, relative to the job folder.</summary>
    public required string Artifact { get; init; }

    /// <summary>The target that the route requested.</summary>
    public required Target Requested { get; init; }

    /// <summary>The actual target: the requested one, or another name beside it when that was taken.</summary>
    public required Target Target { get; init; }

    /// <summary>The source when it was copied.</summary>
    public required FileState Source { get; init; }

    /// <summary>The proof.</summary>
    public required CommitReceipt Receipt { get; init; }

    /// <summary>The manifest's generation when the source was copied.</summary>
    public required string Generation { get; init; }

    /// <summary>The job that replaced this copy under <c>onConflict: overwrite</c>; null while the copy stands.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>
    /// True when an equal file was already at the target and was adopted as the copy, without a record that NasSync copied it. It is
    /// replaced only if the route's <c>onConflict</c> says so, and no source is released because of it.
    /// </summary>
    public bool IsAdopted { get; init; }

    /// <summary>When the source was, or was about to be, released, so that this may be the only copy; null when it was not.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>
    /// True for the copy of a released source whose job has since sent another file under the same name. The new file got a name beside it, and this
    /// may be the only copy of its content.
    /// </summary>
    public bool IsFormer { get; init; }
}

/// <summary>A failed item, or a failed manifest, as recorded in the ledger.</summary>
public sealed record RecordedFailure
{
    /// <summary>Its number in the ledger; 0 before it is recorded.</summary>
    public long Id { get; init; }

    /// <summary>What failed, as text for people: the item, or the manifest's path.</summary>
    public required string Subject { get; init; }

    /// <summary>The manifest that lists the item, as a full path; null for an item that an older version recorded.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The job; null when the manifest could not be read.</summary>
    public string? JobId { get; init; }

    /// <summary>The artifact, relative to the job folder; null when the whole manifest failed.</summary>
    public string? Artifact { get; init; }

    /// <summary>The target; null when none was decided.</summary>
    public Target? Target { get; init; }

    /// <summary>The target's destination; null when no target was decided.</summary>
    public string? Destination => Target?.Destination;

    /// <summary>The failure's code.</summary>
    public string Code => Failure?.Code ?? "";

    /// <summary>The failure.</summary>
    public required Failure Failure { get; init; }

    /// <summary>The number of runs in which it failed so far.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>When it failed first.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When it failed last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>The time from which a watcher retries the item automatically; null when a retry would not help before someone acts.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>True when someone must act first, as the hint says.</summary>
    public bool IsParked => NextAt is null;
}

/// <summary>Totals of the ledger for one destination and root.</summary>
/// <param name="Destination">The destination's name; for plain paths each root has its own totals.</param>
/// <param name="Root">The root.</param>
/// <param name="Jobs">Jobs with at least one copy there.</param>
/// <param name="Copies">Copies that are not superseded.</param>
/// <param name="Bytes">Their total size.</param>
/// <param name="LastCommittedAt">When the latest was committed.</param>
public sealed record DestinationSummary(string Destination, string Root, int Jobs, int Copies, long Bytes, DateTimeOffset LastCommittedAt);
