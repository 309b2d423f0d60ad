namespace NasSync.Planning;

/// <summary>The parts of <see cref="RecordedCopy"/> that tell whether a copy is unchanged.</summary>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
/// <param name="Requested">The target that the route requested.</param>
/// <param name="Target">The actual target.</param>
/// <param name="Source">The source when it was copied, without its device number, which changes with each mount.</param>
/// <param name="Sha256">As in <see cref="CommitReceipt.Sha256"/>.</param>
/// <param name="VerifiedBy">As in <see cref="CommitReceipt.VerifiedBy"/>.</param>
/// <param name="CommittedAt">As in <see cref="CommitReceipt.CommittedAt"/>.</param>
/// <param name="IsSuperseded">Whether another copy replaced it.</param>
/// <param name="IsAdopted">As in <see cref="RecordedCopy.IsAdopted"/>.</param>
/// <param name="IsReleased">Whether its source was released.</param>
internal readonly record struct KnownCopy(
    string Artifact,
    Target Requested,
    Target Target,
    FileState Source,
    string? Sha256,
    VerifiedBy VerifiedBy,
    DateTimeOffset CommittedAt,
    bool IsSuperseded,
    bool IsAdopted,
    bool IsReleased)
{
    /// <summary>Extracts the compared parts of a copy.</summary>
    public static KnownCopy Of(RecordedCopy row) => new(
        row.Artifact,
        row.Requested,
        row.Target,
        row.Source with { Device = 0 },
        row.Receipt.Sha256,
        row.Receipt.VerifiedBy,
        row.Receipt.CommittedAt,
        row.SupersededBy is not null,
        row.IsAdopted,
        row.ReleasedAt is not null);

    /// <summary>Whether two targets are equal; mostly decided by reference.</summary>
    public static bool IsSame(Target one, Target other) =>
        ReferenceEquals(one, other) || (one.Path == other.Path && one.Root == other.Root && one.Destination == other.Destination);
}
