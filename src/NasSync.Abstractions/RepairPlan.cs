namespace NasSync;

/// <summary>
/// One copy that a repair is about: what was recorded of it and what was found, so that an entry that time has overtaken is recognized.
/// </summary>
public sealed record RepairEntry
{
    /// <summary>The job that put it there.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact, relative to the job folder.</summary>
    public required string Artifact { get; init; }

    /// <summary>The manifest that lists the source, as a full path; null when none was found.</summary>
    public string? Manifest { get; init; }

    /// <summary>Where the route wanted it.</summary>
    public required Target Requested { get; init; }

    /// <summary>Where it should be.</summary>
    public required Target Target { get; init; }

    /// <summary>What it turned out to be: missing, drifted or damaged.</summary>
    public required CopyState Finding { get; init; }

    /// <summary>The recorded SHA-256; null when none was recorded.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When the receipt was made.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The file that was found there; null when there was none.</summary>
    public FileState? Found { get; init; }

    /// <summary>SHA-256 of what was found; null when it was not read.</summary>
    public string? FoundSha256 { get; init; }

    /// <summary>For people: which artifact of which job where.</summary>
    public string Subject => $"{JobId}: {Artifact} → {Target}";

    /// <summary>The entry for a copy that is lost.</summary>
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
        };
    }
}

/// <summary>The copies that verifying found to be lost, for <c>sync --repair</c>.</summary>
/// <param name="CreatedAt">When they were found.</param>
/// <param name="Entries">The copies.</param>
public sealed record RepairPlan(DateTimeOffset CreatedAt, IReadOnlyList<RepairEntry> Entries);
