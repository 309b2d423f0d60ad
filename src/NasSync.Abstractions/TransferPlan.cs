namespace NasSync;

/// <summary>What will be done with one artifact at one target.</summary>
public enum PlanAction
{
    /// <summary>The bytes are sent, verified and committed.</summary>
    Copy,

    /// <summary>The same bytes are there already; only the ledger learns of it.</summary>
    Adopt,

    /// <summary>The ledger proves that nothing changed; nothing is touched.</summary>
    Unchanged,

    /// <summary>Nothing is sent, and nothing is wrong: no route, or the policy says so.</summary>
    Skip,

    /// <summary>Nothing is sent, because something is wrong.</summary>
    Refuse,
}

/// <summary>What a file looked like: enough to see that it was changed or replaced.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="MtimeNs">Time of last change in nanoseconds since 1970 UTC, with the file system's own precision.</param>
/// <param name="Inode">The file's number on its device; 0 where the platform has none.</param>
/// <param name="Device">The device's number; 0 where the platform has none.</param>
public readonly record struct FileState(long Size, long MtimeNs, ulong Inode, ulong Device)
{
    /// <summary>
    /// The inode's change time in nanoseconds since 1970 UTC, which nobody can set back; 0 where the platform or the file system has none. It is
    /// no part of what is compared: a new mode or a new link changes it and leaves the content as it was. Where it differs, only the hash tells.
    /// </summary>
    public long ChangeNs { get; init; }

    /// <summary>Whether both looks saw a change time, and not the same: then something was done to the file in between.</summary>
    public bool IsTouchedSince(FileState before) => ChangeNs != 0 && before.ChangeNs != 0 && ChangeNs != before.ChangeNs;

    /// <summary>Whether size, time and identity are the same.</summary>
    public bool Equals(FileState other) => Size == other.Size && MtimeNs == other.MtimeNs && Inode == other.Inode && Device == other.Device;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Size, MtimeNs, Inode, Device);
}

/// <summary>One line of the plan: complete, so that carrying it out takes no further decision.</summary>
public sealed record PlanItem
{
    /// <summary>The manifest.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The artifact.</summary>
    public required Artifact Artifact { get; init; }

    /// <summary>What will be done.</summary>
    public required PlanAction Action { get; init; }

    /// <summary>Why, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Where to; null when no target could be decided.</summary>
    public Target? Target { get; init; }

    /// <summary>
    /// Where the route wanted it, which differs from <see cref="Target"/> when another origin's file keeps that name; null when no target
    /// could be decided. The ledger finds the copy again by it.
    /// </summary>
    public Target? Requested { get; init; }

    /// <summary>What is wrong; set exactly when <see cref="Action"/> is <see cref="PlanAction.Refuse"/>.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The source as the planner saw it; null when it was not looked at.</summary>
    public FileState? Source { get; init; }

    /// <summary>The file that may be replaced at the target, as the planner saw it; null means that the target must not exist.</summary>
    public FileState? Replaces { get; init; }

    /// <summary>What is known of the file at the target that the copy takes the place of; null when it takes nobody's.</summary>
    public ReplacedFile? Replaced { get; init; }

    /// <summary>
    /// The name that the job's own copy has had, in another spelling; that file goes once the new one stands. Null for nearly every item.
    /// </summary>
    public FormerName? Respells { get; init; }

    /// <summary>
    /// True where the file at the target counts as the copy although it is of another origin, or may be. It is not ours: it is replaced only where
    /// the route's <c>onConflict</c> says so, and no source is released for it.
    /// </summary>
    public bool IsAdopted { get; init; }

    /// <summary>
    /// True where the source is not there, as after a release, its copy is, and the ledger did not know: it learns that this copy may be the only
    /// one.
    /// </summary>
    public bool IsSourceGone { get; init; }

    /// <summary>
    /// SHA-256 of the content, lower-case hex: established while planning with <see cref="PlanAction.Adopt"/>, the ledger's with
    /// <see cref="PlanAction.Unchanged"/> (null where extents were shared and nobody asked for it); else null.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>How sure the copy must be.</summary>
    public VerifyLevel Verify { get; init; } = VerifyLevel.Checksum;

    /// <summary>What becomes of the source.</summary>
    public ReleasePolicy Release { get; init; } = ReleasePolicy.Keep;

    /// <summary>
    /// Whether the source is removed once every copy of it is proven and recorded: its route says <see cref="ReleasePolicy.Delete"/>, and nothing in
    /// the plan keeps it. It stays all the same where a copy fails, or where the source is found changed.
    /// </summary>
    public bool RemovesSource { get; init; }

    /// <summary>
    /// Why the source stays although its route says <c>release: delete</c>; null when nothing keeps it. <see cref="Release"/> is <c>Keep</c> then.
    /// </summary>
    public Notice? Kept { get; init; }

    /// <summary>Whether the source was read to find it unchanged, since its change time is another than the ledger's.</summary>
    internal bool IsProvenAnew { get; init; }

    /// <summary>
    /// Whether a copy of the artifact goes to a root that this run makes anew, so that nothing is removed for it. <see cref="Release"/> is
    /// <c>Keep</c> then.
    /// </summary>
    internal bool IsAtNewRoot { get; init; }

    /// <summary>The job's id, for tables and pipelines.</summary>
    public string JobId => Manifest.JobId;

    /// <summary>The manifest's full path, for pipelines.</summary>
    public string ManifestPath => Manifest.Path;

    /// <summary>Bytes that carrying it out will send.</summary>
    public long BytesToSend => Action == PlanAction.Copy ? Source?.Size ?? 0 : 0;
}

/// <summary>The complete decision. <c>plan</c>, <c>--dry-run</c>, <c>-WhatIf</c> and the run use the same object.</summary>
/// <param name="Items">In the order in which they are carried out.</param>
public sealed record TransferPlan(IReadOnlyList<PlanItem> Items)
{
    /// <summary>Bytes that carrying it out will send.</summary>
    public long BytesToSend => Items.Sum(item => item.BytesToSend);
}
