namespace NasSync;

/// <summary>What the ledger knows of one artifact at one target.</summary>
public sealed record RecordedCopy
{
    /// <summary>The job that put it there.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact, relative to the job folder.</summary>
    public required string Artifact { get; init; }

    /// <summary>Where the route wanted it.</summary>
    public required Target Requested { get; init; }

    /// <summary>Where it is: as requested, or beside it under a name of its own when that place was taken.</summary>
    public required Target Target { get; init; }

    /// <summary>The source as it was when it was copied.</summary>
    public required FileState Source { get; init; }

    /// <summary>The proof.</summary>
    public required CommitReceipt Receipt { get; init; }

    /// <summary>The manifest's generation at that time.</summary>
    public required string Generation { get; init; }

    /// <summary>The job that replaced this copy under <c>onConflict: overwrite</c>; null while the copy stands.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>
    /// True where equal bytes of another origin stood at the target and were taken for the copy. Such a file is not ours: it is never replaced
    /// without the route's <c>onConflict</c>, and never a reason to release a source.
    /// </summary>
    public bool IsAdopted { get; init; }

    /// <summary>When the source was, or was about to be, released, so that this copy may be the only one; null when it was not.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>
    /// True for the copy of a released source that stays where it is although its job has sent another file under the same name since: that one
    /// stands beside it, and this one may be the only copy of what it holds.
    /// </summary>
    public bool IsFormer { get; init; }
}

/// <summary>What the ledger knows of one item, or of one manifest, that failed.</summary>
public sealed record RecordedFailure
{
    /// <summary>The ledger's number of it; 0 before it was recorded.</summary>
    public long Id { get; init; }

    /// <summary>What failed, for people: the item, or the manifest's path.</summary>
    public required string Subject { get; init; }

    /// <summary>The manifest that lists the item, as a full path; null for an item that an older version recorded.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The job; null when the manifest could not be read.</summary>
    public string? JobId { get; init; }

    /// <summary>The artifact, relative to the job folder; null when the whole manifest failed.</summary>
    public string? Artifact { get; init; }

    /// <summary>The target; null when none was decided.</summary>
    public Target? Target { get; init; }

    /// <summary>The target's destination, for pipelines; null when none was decided.</summary>
    public string? Destination => Target?.Destination;

    /// <summary>The error's code.</summary>
    public string Code => Failure.Code;

    /// <summary>The error.</summary>
    public required Failure Failure { get; init; }

    /// <summary>How many runs failed at it so far.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>When it failed first.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When it failed last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>When it may be tried again without anyone's help; null when that would not help.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>True when it waits for someone to do what the hint says.</summary>
    public bool IsParked => NextAt is null;
}

/// <summary>What the ledger holds for one destination.</summary>
/// <param name="Destination">The destination's name; for plain paths each root counts for itself.</param>
/// <param name="Root">The root.</param>
/// <param name="Jobs">Jobs with at least one copy there.</param>
/// <param name="Copies">Copies that stand.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="LastCommittedAt">When the latest was committed.</param>
public sealed record DestinationSummary(string Destination, string Root, int Jobs, int Copies, long Bytes, DateTimeOffset LastCommittedAt);
