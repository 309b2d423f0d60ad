namespace NasSync.Planning;

/// <summary>
/// A copy that was about to get its final name and is not in the ledger yet. Only the destination can tell whether it got the name: a run that was
/// killed in between leaves a file of ours there without a row.
/// </summary>
public sealed record UnrecordedCopy
{
    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The artifact's path in the job folder.</summary>
    public required string Artifact { get; init; }

    /// <summary>The target that the route requested.</summary>
    public required Target Requested { get; init; }

    /// <summary>The actual target.</summary>
    public required Target Target { get; init; }

    /// <summary>The source when it was copied.</summary>
    public required FileState Source { get; init; }

    /// <summary>Lower-case hex; null when the copy shares the source's extents and was not read.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>The manifest's generation.</summary>
    public required string Generation { get; init; }

    /// <summary>Whether a file is this copy.</summary>
    /// <param name="found">The file at the target.</param>
    /// <param name="hash">Computes its SHA-256; called only when the size matches.</param>
    public bool Is(FileState found, Func<string> hash) =>
        Source.Size == found.Size && (Sha256 is { } sha256 ? SourceFile.SameHash(sha256, hash()) : IsTimeOf(Source.MtimeNs, found.MtimeNs));

    // The destination may store, or report, times in whole seconds only.
    private static bool IsTimeOf(long kept, long found) => found == kept || (found % 1_000_000_000 == 0 && found == kept - (kept % 1_000_000_000));
}
