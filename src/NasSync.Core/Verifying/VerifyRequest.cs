using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Which copies to verify, and how thoroughly.</summary>
public sealed record VerifyRequest
{
    /// <summary>
    /// Manifests, job folders or outputs folders; only their jobs are verified. Empty: every job of the ledger, even if its folder is gone.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Limits the manifests that these entries name to the copies of the given artifacts; other manifests are not limited.</summary>
    public IReadOnlyList<MeantItem> Only { get; init; } = [];

    /// <summary>The only jobs to verify; empty: all.</summary>
    public IReadOnlyList<string> Jobs { get; init; } = [];

    /// <summary>Names of destinations, or folders as full paths; only their copies are verified. Empty: all.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];

    /// <summary>How many of the selected copies to verify; null: all.</summary>
    public VerifySample? Sample { get; init; }

    /// <summary>The seed of the sample: the same seed and the same ledger give the same copies. Null: a random sample.</summary>
    public int? Seed { get; init; }

    /// <summary>Compare size and time, and read the content only if they differ. Default false: all content is read.</summary>
    public bool Quick { get; init; }
}
