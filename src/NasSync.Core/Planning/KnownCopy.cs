namespace NasSync.Planning;

/// <summary>What tells of a recorded copy whether it is unchanged, without the rest of <see cref="RecordedCopy"/>.</summary>
/// <param name="Artifact">The artifact, relative to the job folder.</param>
/// <param name="Requested">Where the route wanted it.</param>
/// <param name="Target">Where it is.</param>
/// <param name="Source">The source as it was when it was copied, without its device, which gets another number with each mount.</param>
/// <param name="Sha256">As in <see cref="CommitReceipt.Sha256"/>.</param>
/// <param name="VerifiedBy">As in <see cref="CommitReceipt.VerifiedBy"/>.</param>
/// <param name="CommittedAt">As in <see cref="CommitReceipt.CommittedAt"/>.</param>
/// <param name="IsSuperseded">Whether another job replaced it.</param>
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
    /// <summary>What is compared of a copy.</summary>
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

    /// <summary>Whether two targets are one, for most without comparing their texts.</summary>
    public static bool IsSame(Target one, Target other) =>
        ReferenceEquals(one, other) || (one.Path == other.Path && one.Root == other.Root && one.Destination == other.Destination);
}
