namespace NasSync.Planning;

/// <summary>
/// A copy that was about to get its final name and that the ledger has no record of yet. Whether it has got the name only the destination
/// can tell: a run that was killed in between leaves a file there that is ours although no row says so.
/// </summary>
public sealed record UnrecordedCopy
{
    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact's path in the job.</summary>
    public required string Artifact { get; init; }

    /// <summary>Where the route wanted it.</summary>
    public required Target Requested { get; init; }

    /// <summary>Where it was about to be.</summary>
    public required Target Target { get; init; }

    /// <summary>The source as it was when it was copied.</summary>
    public required FileState Source { get; init; }

    /// <summary>Lower-case hex; null where the copy shares the source's extents and nobody read them.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>The manifest's generation.</summary>
    public required string Generation { get; init; }

    /// <summary>Whether it is what stands at its target.</summary>
    /// <param name="found">What stands there.</param>
    /// <param name="hash">Its SHA-256; asked only where the size fits.</param>
    public bool Is(FileState found, Func<string> hash) =>
        Source.Size == found.Size && (Sha256 is { } sha256 ? SourceFile.SameHash(sha256, hash()) : IsTimeOf(Source.MtimeNs, found.MtimeNs));

    // Kept times are as fine as the place keeps, or tells, them.
    private static bool IsTimeOf(long kept, long found) => found == kept || (found % 1_000_000_000 == 0 && found == kept - (kept % 1_000_000_000));
}
