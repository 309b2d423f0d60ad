namespace NasSync;

/// <summary>What will be done with one artifact at one target.</summary>
public enum PlanAction
{
    /// <summary>The bytes are sent, verified and committed.</summary>
    Copy,

    /// <summary>The same bytes are at the target already; they are only recorded in the ledger.</summary>
    Adopt,

    /// <summary>The ledger proves that nothing changed; nothing is touched.</summary>
    Unchanged,

    /// <summary>Nothing is sent, and nothing is wrong: no route, or the policy says so.</summary>
    Skip,

    /// <summary>Nothing is sent, because something is wrong.</summary>
    Refuse,
}

/// <summary>The state of a file: enough to detect that it was changed or replaced.</summary>
/// <param name="Size">The size in bytes.</param>
/// <param name="MtimeNs">The modification time in nanoseconds since 1970 UTC, with the file system's own precision.</param>
/// <param name="Inode">The file's inode number; 0 where the platform has none.</param>
/// <param name="Device">The device number; 0 where the platform has none.</param>
public readonly record struct FileState(long Size, long MtimeNs, ulong Inode, ulong Device)
{
    /// <summary>
    /// The inode's change time in nanoseconds since 1970 UTC, which cannot be set back; 0 where the platform or the file system has none. Not part of
    /// the comparison: a new mode or link changes it and leaves the content unchanged. If it differs, only the hash tells.
    /// </summary>
    public long ChangeNs { get; init; }

    /// <summary>Whether both states have a change time and these differ: then something was done to the file in between.</summary>
    public bool IsTouchedSince(FileState before) => ChangeNs != 0 && before.ChangeNs != 0 && ChangeNs != before.ChangeNs;

    /// <summary>Whether size, time and identity are the same.</summary>
    public bool Equals(FileState other) => Size == other.Size && MtimeNs == other.MtimeNs && Inode == other.Inode && Device == other.Device;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Size, MtimeNs, Inode, Device);
}

/// <summary>One item of the plan: complete, so that executing it takes no further decision.</summary>
public sealed record PlanItem
{
    /// <summary>The manifest.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The artifact.</summary>
    public required Artifact Artifact { get; init; }

    /// <summary>What will be done.</summary>
    public required PlanAction Action { get; init; }

    /// <summary>The reason, as one clause for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The target; null when none could be decided.</summary>
    public Target? Target { get; init; }

    /// <summary>
    /// The target that the route requested, which differs from <see cref="Target"/> when another file keeps that name; null when none could be
    /// decided. The ledger finds the copy by it.
    /// </summary>
    public Target? Requested { get; init; }

    /// <summary>What is wrong; set exactly when <see cref="Action"/> is <see cref="PlanAction.Refuse"/>.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The source as the planner saw it; null when it was not examined.</summary>
    public FileState? Source { get; init; }

    /// <summary>The file that may be replaced at the target, as the planner saw it; null when the target must not exist.</summary>
    public FileState? Replaces { get; init; }

    /// <summary>What is known about the file that the copy replaces; null when it replaces none.</summary>
    public ReplacedFile? Replaced { get; init; }

    /// <summary>
    /// The previous name of the job's own copy when only the spelling changes; that file is removed once the new one exists. Null for nearly every
    /// item.
    /// </summary>
    public FormerName? Respells { get; init; }

    /// <summary>
    /// True when an equal file was already at the target and counts as the copy, but no record shows that NasSync copied it. Such a file is replaced
    /// only if the route's <c>onConflict</c> says so, and no source is released because of it.
    /// </summary>
    public bool IsAdopted { get; init; }

    /// <summary>
    /// True when the source is missing, as after a release, but its copy exists and the ledger did not know of the release: the ledger then records
    /// that this may be the only copy.
    /// </summary>
    public bool IsSourceGone { get; init; }

    /// <summary>
    /// SHA-256 of the content, lower-case hex: computed while planning for <see cref="PlanAction.Adopt"/>, the recorded one for
    /// <see cref="PlanAction.Unchanged"/> (null when extents were shared and no hash was requested); otherwise null.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>How strictly the copy must be verified.</summary>
    public VerifyLevel Verify { get; init; } = VerifyLevel.Checksum;

    /// <summary>What happens to the source.</summary>
    public ReleasePolicy Release { get; init; } = ReleasePolicy.Keep;

    /// <summary>
    /// Whether the source is removed once all its copies are verified and recorded: its route says <see cref="ReleasePolicy.Delete"/>, and nothing in
    /// the plan keeps it. It still stays if a copy fails or the source turns out to be changed.
    /// </summary>
    public bool RemovesSource { get; init; }

    /// <summary>
    /// Why the source stays although its route says <c>release: delete</c>; null when nothing keeps it. Then <see cref="Release"/> is <c>Keep</c>.
    /// </summary>
    public Notice? Kept { get; init; }

    /// <summary>Whether the source had to be read to prove it unchanged, because its change time differs from the recorded one.</summary>
    internal bool IsProvenAnew { get; init; }

    /// <summary>
    /// Whether a copy of the artifact goes to a root that this run creates, in which case no source is removed. Then <see cref="Release"/> is
    /// <c>Keep</c>.
    /// </summary>
    internal bool IsAtNewRoot { get; init; }

    /// <summary>The job's id, for tables and pipelines.</summary>
    public string JobId => Manifest?.JobId ?? "";

    /// <summary>The manifest's full path, for pipelines.</summary>
    public string ManifestPath => Manifest?.Path ?? "";

    /// <summary>The bytes that executing the item will send.</summary>
    public long BytesToSend => Action == PlanAction.Copy ? Source?.Size ?? 0 : 0;
}

/// <summary>The complete decision. <c>plan</c>, <c>--dry-run</c>, <c>-WhatIf</c> and the run use the same object.</summary>
/// <param name="Items">The items in the order of execution.</param>
public sealed record TransferPlan(IReadOnlyList<PlanItem> Items)
{
    /// <summary>The bytes that executing the plan will send.</summary>
    public long BytesToSend => Items.Sum(item => item.BytesToSend);
}
