using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>Which copies are verified, and how closely.</summary>
public sealed record VerifyRequest
{
    /// <summary>
    /// Manifests, job folders or outputs folders whose jobs alone are meant; empty: every job of the ledger, also one whose folder is gone.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Of the manifests that these name, only the copies of these artifacts; of every other manifest all.</summary>
    public IReadOnlyList<MeantItem> Only { get; init; } = [];

    /// <summary>The jobs that alone are meant; empty: all.</summary>
    public IReadOnlyList<string> Jobs { get; init; } = [];

    /// <summary>Names of destinations, or folders as full paths, whose copies alone are meant; empty: all.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];

    /// <summary>How many of the copies that are meant are looked at; null: all.</summary>
    public VerifySample? Sample { get; init; }

    /// <summary>Chooses the sample: the same number over the same ledger chooses the same copies. Null: by chance.</summary>
    public int? Seed { get; init; }

    /// <summary>Look at size and time, and read only what these show to be changed. Default false: all content is read.</summary>
    public bool Quick { get; init; }
}
