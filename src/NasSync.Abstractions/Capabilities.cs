namespace NasSync;

/// <summary>What a destination was seen to support; nothing is assumed that was not probed.</summary>
public sealed record Capabilities
{
    /// <summary>The destination's name, or the folder's full path; null when whoever asked knows which place it is.</summary>
    public string? Destination { get; init; }

    /// <summary>A file is replaced in one step: readers see the old one or the new one, never a part.</summary>
    public bool AtomicReplace { get; init; }

    /// <summary>A file can be made so that an existing one is never replaced, in one step with the check.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>The destination can be told to make a file durable.</summary>
    public bool Fsync { get; init; }

    /// <summary>The destination computes hashes itself; null when it does not, else what it computes, such as <c>sha256</c>.</summary>
    public string? ServerHash { get; init; }

    /// <summary>A broken-off upload goes on from where it was.</summary>
    public bool Resume { get; init; }

    /// <summary>Modification times are kept.</summary>
    public bool Mtime { get; init; }

    /// <summary>The precision of modification times in nanoseconds; null when they are not kept.</summary>
    public long? MtimePrecisionNs { get; init; }

    /// <summary>Names that differ only in case are different files; null when it is not known.</summary>
    public bool? CaseSensitive { get; init; }

    /// <summary>The longest name of one component in bytes; null when it is not known.</summary>
    public int? LongestName { get; init; }

    /// <summary>Free bytes as the destination tells them; null when it does not.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>What answered, for people: server software, protocol version and extensions.</summary>
    public string? Server { get; init; }
}
