namespace NasSync.Manifests;

/// <summary>How large a manifest may be. What goes beyond is refused as <c>ManifestTooLarge</c> before it can fill the memory.</summary>
public sealed record ManifestLimits
{
    /// <summary>The defaults.</summary>
    public static ManifestLimits Default { get; } = new();

    /// <summary>Bytes of the file. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Artifacts, counted as they are listed. Default 200,000.</summary>
    public int MaxArtifacts { get; init; } = 200_000;

    /// <summary>Objects and lists inside one another, the manifest itself being the first. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>
    /// Values in the whole file, unknown fields included. Default 4,000,000: a value of two bytes takes up to a hundred in memory, so the
    /// bytes of the file alone do not bound it.
    /// </summary>
    public int MaxValues { get; init; } = 4_000_000;

    /// <summary>
    /// Fields of one object together with those of the objects around it. Default 100,000: all their names are held, to find one that is
    /// given twice.
    /// </summary>
    public int MaxFields { get; init; } = 100_000;
}
