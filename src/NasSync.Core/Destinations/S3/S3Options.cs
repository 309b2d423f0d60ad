namespace NasSync.Destinations.S3;

/// <summary>Sizes, limits and time-outs of an S3 place; the defaults suit near and far servers.</summary>
internal sealed record S3Options
{
    private const long MiB = 1L << 20;

    // S3 allows 10,000 parts; the margin leaves room for a source that grew since it was planned.
    private const long MostParts = 9000;

    /// <summary>Largest object that is sent in one request, in bytes. Default 16 MiB.</summary>
    public long SinglePutLimit { get; init; } = 16 * MiB;

    /// <summary>Minimum size of a part, in bytes; servers refuse less than 5 MiB for all but the last. Default 16 MiB.</summary>
    public long PartSize { get; init; } = 16 * MiB;

    /// <summary>Parts of one object in flight at a time. Default 4.</summary>
    public int PartsInFlight { get; init; } = 4;

    /// <summary>Bytes of all parts in memory at a time; each object gets one part regardless. Default 256 MiB.</summary>
    public long MemoryBudget { get; init; } = 256 * MiB;

    /// <summary>Maximum connections to the server, and simultaneous requests while it copes. Default 32.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>Repetitions of one request after an error that may pass. Default 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Time limit for opening a connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time in which no byte of a request moves. Default 30 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The part size for an object, in bytes: large enough that the allowed number of parts suffices, and then in whole MiB.</summary>
    public long PartSizeOf(long size) => Math.Max(PartSize, ((size + MostParts - 1) / MostParts + MiB - 1) / MiB * MiB);
}
