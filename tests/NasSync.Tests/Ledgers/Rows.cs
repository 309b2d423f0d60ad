namespace NasSync.Tests.Ledgers;

/// <summary>Rows for the ledger's tests; each value is its own, so that no two columns can be mixed up unseen.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Noon = new DateTimeOffset(2026, 1, 14, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567);

    public static Target At(string path, string root = "/mnt/nas/Audio", string destination = Target.LocalName) =>
        new() { Destination = destination, Root = root, Path = path };

    public static RecordedCopy Copy(
        string job, string artifact, Target requested, Target? target = null, DateTimeOffset? at = null, long size = 4096) => new()
        {
            JobId = job,
            Artifact = artifact,
            Requested = requested,
            Target = target ?? requested,
            Source = new FileState(size, 1_768_392_000_123_456_789, ulong.MaxValue - 5, 0xFE00_0000_0000_0001),
            Generation = new string('9', 64),
            Receipt = new CommitReceipt
            {
                Size = size,
                Sha256 = new string('a', 64),
                VerifiedBy = VerifiedBy.ReadBackCached,
                Durability = Durability.Fsynced,
                CommittedAt = at ?? Noon,
                Target = new FileState(size, 1_768_392_000_999_999_999, 77, 88),
                MtimeKept = false,
            },
        };

    public static RecordedFailure Fail(
        string subject, string? job = null, string? artifact = null, Target? target = null, DateTimeOffset? at = null) => new()
        {
            Subject = subject,
            JobId = job,
            Artifact = artifact,
            Target = target,
            Failure = new Failure(FailureClass.Throttled, "SlowDown", $"{subject} failed", "Wait.") { RetryAfter = TimeSpan.FromSeconds(1.5) },
            ManifestPath = "/out/of/its/own/manifest.json",
            NextAt = (at ?? Noon).AddHours(5),
            FirstAt = at ?? Noon,
            LastAt = at ?? Noon,
        };
}
