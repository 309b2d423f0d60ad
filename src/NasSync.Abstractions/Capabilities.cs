namespace NasSync;

/// <summary>What probing a destination showed that it supports; nothing is assumed without a probe.</summary>
public sealed record Capabilities
{
    /// <summary>The destination's name, or the folder's full path; null when the caller knows which place it is.</summary>
    public string? Destination { get; init; }

    /// <summary>
    /// Files are replaced atomically: readers see the old file or the new one. Where this is false they may find no file for a moment; a part of one
    /// is never seen.
    /// </summary>
    public bool AtomicReplace { get; init; }

    /// <summary>A file can be created atomically without replacing an existing one.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>The destination can make a file durable on request.</summary>
    public bool Fsync { get; init; }

    /// <summary>The hash that the destination computes itself, such as <c>sha256</c>; null when it computes none.</summary>
    public string? ServerHash { get; init; }

    /// <summary>An interrupted upload can be resumed.</summary>
    public bool Resume { get; init; }

    /// <summary>Modification times are kept.</summary>
    public bool Mtime { get; init; }

    /// <summary>The precision of modification times in nanoseconds; null when they are not kept.</summary>
    public long? MtimePrecisionNs { get; init; }

    /// <summary>Whether names that differ only in case are different files; null when unknown.</summary>
    public bool? CaseSensitive { get; init; }

    /// <summary>The longest name of one path component in bytes; null when unknown.</summary>
    public int? LongestName { get; init; }

    /// <summary>Free bytes as reported by the destination; null when it does not report them.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>The server, for people: software, protocol version and extensions.</summary>
    public string? Server { get; init; }
}
