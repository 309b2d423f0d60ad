namespace NasSync;

/// <summary>One copy to repair: what was recorded and what was found, so that an outdated entry is recognized.</summary>
public sealed record RepairEntry
{
    /// <summary>The job that made the copy.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact, relative to the job folder.</summary>
    public required string Artifact { get; init; }

    /// <summary>The manifest that lists the source, as a full path; null when none was found.</summary>
    public string? Manifest { get; init; }

    /// <summary>The target that the route requested.</summary>
    public required Target Requested { get; init; }

    /// <summary>The actual target.</summary>
    public required Target Target { get; init; }

    /// <summary>The result of verifying: missing, drifted or damaged.</summary>
    public required CopyState Finding { get; init; }

    /// <summary>The recorded SHA-256; null when none was recorded.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When the copy was committed.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The file that was found at the target; null when there was none.</summary>
    public FileState? Found { get; init; }

    /// <summary>SHA-256 of the file that was found; null when it was not read.</summary>
    public string? FoundSha256 { get; init; }

    /// <summary>What verifying found that a repair would do; <see cref="RepairKind.None"/> where the plan does not say.</summary>
    public RepairKind Repair { get; init; }

    /// <summary>Job, artifact and target, as text for people.</summary>
    public string Subject => $"{JobId}: {Artifact} → {Target}";

    /// <summary>Creates the entry for a lost copy.</summary>
    public static RepairEntry From(CopyFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new RepairEntry
        {
            JobId = finding.JobId,
            Artifact = finding.Artifact,
            Manifest = finding.Manifest,
            Requested = finding.Copy.Requested,
            Target = finding.Copy.Target,
            Finding = finding.State,
            Sha256 = finding.Sha256,
            CommittedAt = finding.Copy.Receipt.CommittedAt,
            Found = finding.Found,
            FoundSha256 = finding.FoundSha256,
            Repair = finding.Repair,
        };
    }
}

/// <summary>The lost copies that verifying found, for <c>sync --repair</c>.</summary>
/// <param name="CreatedAt">When they were found.</param>
/// <param name="Entries">The copies.</param>
public sealed record RepairPlan(DateTimeOffset CreatedAt, IReadOnlyList<RepairEntry> Entries);
