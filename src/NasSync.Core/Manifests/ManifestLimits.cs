namespace NasSync.Manifests;

/// <summary>Size limits for a manifest. A larger one is refused as <c>ManifestTooLarge</c> before it can exhaust the memory.</summary>
public sealed record ManifestLimits
{
    /// <summary>The defaults.</summary>
    public static ManifestLimits Default { get; } = new();

    /// <summary>Size of the file in bytes. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Number of artifacts, duplicates included. Default 200,000.</summary>
    public int MaxArtifacts { get; init; } = 200_000;

    /// <summary>Nesting depth of objects and lists, counting the manifest itself. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>
    /// Number of values in the whole file, including unknown fields. Default 4,000,000. The file size alone does not limit the memory: a value of two
    /// bytes takes up to a hundred in memory.
    /// </summary>
    public int MaxValues { get; init; } = 4_000_000;

    /// <summary>
    /// Number of fields of an object together with those of the objects that enclose it. Default 100,000. All their names are held in memory to
    /// detect duplicates.
    /// </summary>
    public int MaxFields { get; init; } = 100_000;
}
