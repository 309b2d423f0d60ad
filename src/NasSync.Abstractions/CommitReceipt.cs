namespace NasSync;

/// <summary>How it was established that the destination holds the source's bytes, weakest first.</summary>
public enum VerifiedBy
{
    /// <summary>Only the size was compared.</summary>
    SizeOnly,

    /// <summary>Every block was read back right after it was written and compared; the operating system's cache may have answered.</summary>
    ReadBackCached,

    /// <summary>The destination computed the hash itself.</summary>
    ServerHash,

    /// <summary>The copy shares the source's extents on one file system (reflink): there are no other bytes that could differ.</summary>
    SharedExtents,

    /// <summary>The whole content was read back after it was flushed and dropped from this machine's cache, and its SHA-256 compared.</summary>
    ReadBack,
}

/// <summary>What a power cut right after the receipt can still take away, weakest first.</summary>
public enum Durability
{
    /// <summary>The bytes may still be in a cache.</summary>
    Cached,

    /// <summary>The server said it has them; what that means is the server's promise.</summary>
    ServerAcknowledged,

    /// <summary>File and folder were fsynced.</summary>
    Fsynced,
}

/// <summary>Proof of one copy; it goes into the ledger, the output and the log.</summary>
public sealed record CommitReceipt
{
    /// <summary>Bytes at the destination.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the content, lower-case hex; null when extents were shared and nobody asked for the hash.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How it was verified.</summary>
    public required VerifiedBy VerifiedBy { get; init; }

    /// <summary>How durable it is.</summary>
    public required Durability Durability { get; init; }

    /// <summary>When the copy became visible under its final name.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The file as it stood at the target when it was committed; a later difference means that someone else changed it.</summary>
    public FileState? Target { get; init; }

    /// <summary>False when the destination could not keep the source's modification time.</summary>
    public bool MtimeKept { get; init; } = true;

    /// <summary>
    /// What the replaced file had and the copy could not be given, such as its owner, for people; null when nothing is lost. The ledger does not keep
    /// it.
    /// </summary>
    public string? RightsLost { get; init; }
}
