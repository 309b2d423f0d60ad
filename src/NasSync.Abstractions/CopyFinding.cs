namespace NasSync;

/// <summary>The result of verifying a copy.</summary>
public enum CopyState
{
    /// <summary>The content has the recorded hash.</summary>
    Intact,

    /// <summary>Only size and time were checked, and they match the record.</summary>
    Present,

    /// <summary>Time or identity differ from the record, but the content has the recorded hash.</summary>
    Touched,

    /// <summary>A run replaced the copy while it was being verified; the ledger knows of it.</summary>
    Superseded,

    /// <summary>No hash was recorded, and there is no unchanged source to compare with.</summary>
    Unprovable,

    /// <summary>The destination is available, and the copy is not there.</summary>
    Missing,

    /// <summary>Someone changed the copy: its content differs, and so does its size, time or identity, or it is no longer a file.</summary>
    Drifted,

    /// <summary>The content differs although size and time match the record, as when a disk loses bits.</summary>
    Damaged,

    /// <summary>The copy exists but cannot be read.</summary>
    Unreadable,

    /// <summary>The destination cannot be reached, or may not be the right one; nothing is known about the copy.</summary>
    Unreachable,
}

/// <summary>What a repair would do with a copy.</summary>
public enum RepairKind
{
    /// <summary>There is nothing to repair.</summary>
    None,

    /// <summary>The copy is made again from its source.</summary>
    Copy,

    /// <summary>The route's <c>onConflict</c> decides, as for any file that is not a recorded copy.</summary>
    Policy,

    /// <summary>Nothing can be done: there is no unchanged source, or it is unknown which content is right.</summary>
    Impossible,
}

/// <summary>One recorded copy and the result of verifying it.</summary>
public sealed record CopyFinding
{
    /// <summary>The copy as recorded in the ledger.</summary>
    public required RecordedCopy Copy { get; init; }

    /// <summary>The result.</summary>
    public required CopyState State { get; init; }

    /// <summary>Why, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The state of the file at the target; null when there is none, or it could not be examined.</summary>
    public FileState? Found { get; init; }

    /// <summary>SHA-256 of the file at the target, lower-case hex; null when it was not read.</summary>
    public string? FoundSha256 { get; init; }

    /// <summary>How the content was verified; null when it was not.</summary>
    public VerifiedBy? VerifiedBy { get; init; }

    /// <summary>
    /// What went wrong; set for <see cref="CopyState.Unreadable"/> and <see cref="CopyState.Unreachable"/>, and when something other than a file has
    /// the copy's name.
    /// </summary>
    public Failure? Failure { get; init; }

    /// <summary>What <c>sync</c> would do to repair the copy.</summary>
    public RepairKind Repair { get; init; }

    /// <summary>How it would be repaired, or why not, as one clause for people; null when there is nothing to repair.</summary>
    public string? RepairReason { get; init; }

    /// <summary>
    /// True when the copy is lost, its source is gone, and no other copy is left: the ledger knows none, or the same verification found each of
    /// them lost too.
    /// </summary>
    public bool NoCopyLeft { get; init; }

    /// <summary>Whether the source of a lost copy is gone.</summary>
    internal bool IsSourceGone { get; init; }

    /// <summary>The manifest that lists the source, as a full path; null when it was not searched or not found.</summary>
    public string? Manifest { get; init; }

    /// <summary>The duration of the check.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The job that made the copy.</summary>
    public string JobId => Copy?.JobId ?? "";

    /// <summary>Same as <see cref="Manifest"/>, under the name that other objects use.</summary>
    public string? ManifestPath => Manifest;

    /// <summary>The artifact, relative to the job folder.</summary>
    public string Artifact => Copy?.Artifact ?? "";

    /// <summary>The destination's name.</summary>
    public string Destination => Copy?.Target?.Destination ?? "";

    /// <summary>The target: a full local path, or <c>name:path</c>.</summary>
    public string Target => Copy?.Target?.Display ?? "";

    /// <summary>The recorded size in bytes.</summary>
    public long Size => Copy?.Receipt?.Size ?? 0;

    /// <summary>The recorded SHA-256; null when none was recorded.</summary>
    public string? Sha256 => Copy?.Receipt?.Sha256;

    /// <summary>True when the copy was examined and its recorded content is not there any more.</summary>
    public bool IsLost => State is CopyState.Missing or CopyState.Drifted or CopyState.Damaged;

    /// <summary>State, artifact and target.</summary>
    public override string ToString() => $"{State}: {Artifact} at {Target}";
}
