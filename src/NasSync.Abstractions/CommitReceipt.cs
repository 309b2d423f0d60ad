namespace NasSync;

/// <summary>How it was verified that the destination holds the source's bytes, weakest first.</summary>
public enum VerifiedBy
{
    /// <summary>Only the size was compared.</summary>
    SizeOnly,

    /// <summary>Every block was read back and compared right after it was written, possibly from the operating system's cache.</summary>
    ReadBackCached,

    /// <summary>The destination computed the hash itself.</summary>
    ServerHash,

    /// <summary>The copy shares the source's extents on one file system (reflink), so there are no other bytes that could differ.</summary>
    SharedExtents,

    /// <summary>The whole content was flushed, dropped from this machine's cache, read back, and its SHA-256 compared.</summary>
    ReadBack,
}

/// <summary>How a copy survives a power cut right after the receipt, weakest first.</summary>
public enum Durability
{
    /// <summary>The bytes may still be in a cache.</summary>
    Cached,

    /// <summary>The server acknowledged the bytes; what that means is up to the server.</summary>
    ServerAcknowledged,

    /// <summary>File and folder were fsynced.</summary>
    Fsynced,
}

/// <summary>The proof of one copy, for the ledger, the output and the log.</summary>
public sealed record CommitReceipt
{
    /// <summary>The size at the destination in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the content, lower-case hex; null when extents were shared and no hash was requested.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How it was verified.</summary>
    public required VerifiedBy VerifiedBy { get; init; }

    /// <summary>How durable it is.</summary>
    public required Durability Durability { get; init; }

    /// <summary>When the copy became visible under its final name.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The state of the file at the target when it was committed; a later difference means that someone else changed it.</summary>
    public FileState? Target { get; init; }

    /// <summary>False when the destination could not keep the source's modification time.</summary>
    public bool MtimeKept { get; init; } = true;

    /// <summary>
    /// Attributes of the replaced file, such as its owner, that the copy could not be given, as text for people; null when nothing is lost. Not
    /// stored in the ledger.
    /// </summary>
    public string? RightsLost { get; init; }
}
