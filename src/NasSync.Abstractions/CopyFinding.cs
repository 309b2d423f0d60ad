namespace NasSync;

/// <summary>What a copy turned out to be when it was looked at again.</summary>
public enum CopyState
{
    /// <summary>Its bytes have the recorded hash.</summary>
    Intact,

    /// <summary>Only its size and time were looked at, and they are as recorded.</summary>
    Present,

    /// <summary>Its time or identity is another one, and its bytes still have the recorded hash.</summary>
    Touched,

    /// <summary>A run put another copy in its place while it was verified; the ledger knows of it.</summary>
    Superseded,

    /// <summary>No hash was recorded, and there is no unchanged source to compare it with.</summary>
    Unprovable,

    /// <summary>The place is there, and the copy is not.</summary>
    Missing,

    /// <summary>Somebody changed it: its content is another one, and so is its size, time or identity, or it is no file any more.</summary>
    Drifted,

    /// <summary>Its content is another one although its size and time are as recorded, as when a disk loses bits.</summary>
    Damaged,

    /// <summary>It is there and cannot be read.</summary>
    Unreadable,

    /// <summary>The place cannot be asked, or it is not certain that it is the right one; nothing is known of the copy.</summary>
    Unreachable,
}

/// <summary>What a repair would do with a copy.</summary>
public enum RepairKind
{
    /// <summary>There is nothing to repair.</summary>
    None,

    /// <summary>It is made again from its source.</summary>
    Copy,

    /// <summary>The route's <c>onConflict</c> decides, as for any file of another origin.</summary>
    Policy,

    /// <summary>Nothing: there is no unchanged source, or nobody can say which content is right.</summary>
    Impossible,
}

/// <summary>One copy that the ledger knows, and what it turned out to be.</summary>
public sealed record CopyFinding
{
    /// <summary>What the ledger has recorded of it.</summary>
    public required RecordedCopy Copy { get; init; }

    /// <summary>What it turned out to be.</summary>
    public required CopyState State { get; init; }

    /// <summary>Why, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The file that stands there; null when there is none, or it could not be looked at.</summary>
    public FileState? Found { get; init; }

    /// <summary>SHA-256 of what stands there, lower-case hex; null when it was not read.</summary>
    public string? FoundSha256 { get; init; }

    /// <summary>How its content was established; null when it was not.</summary>
    public VerifiedBy? VerifiedBy { get; init; }

    /// <summary>
    /// What went wrong; set with <see cref="CopyState.Unreadable"/> and <see cref="CopyState.Unreachable"/>, and where no file stands in its place.
    /// </summary>
    public Failure? Failure { get; init; }

    /// <summary>What <c>sync</c> would do about it.</summary>
    public RepairKind Repair { get; init; }

    /// <summary>How or why not, as one clause for people; null when there is nothing to repair.</summary>
    public string? RepairReason { get; init; }

    /// <summary>The manifest that lists its source, as a full path; null when it was not looked for, or not found.</summary>
    public string? Manifest { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The job that put it there.</summary>
    public string JobId => Copy.JobId;

    /// <summary>Same as <see cref="Manifest"/>, under the name that the other objects have for it.</summary>
    public string? ManifestPath => Manifest;

    /// <summary>The artifact, relative to the job folder.</summary>
    public string Artifact => Copy.Artifact;

    /// <summary>The destination's name.</summary>
    public string Destination => Copy.Target.Destination;

    /// <summary>Where it should be: a full local path, or <c>name:path</c>.</summary>
    public string Target => Copy.Target.Display;

    /// <summary>The recorded size in bytes.</summary>
    public long Size => Copy.Receipt.Size;

    /// <summary>The recorded SHA-256; null when none was recorded.</summary>
    public string? Sha256 => Copy.Receipt.Sha256;

    /// <summary>The content was looked at, and is not the recorded one, or is not there.</summary>
    public bool IsLost => State is CopyState.Missing or CopyState.Drifted or CopyState.Damaged;

    /// <summary>State, artifact and target.</summary>
    public override string ToString() => $"{State}: {Artifact} at {Target}";
}
