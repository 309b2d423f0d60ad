namespace NasSync.Destinations.S3;

/// <summary>How an S3 place is worked; the defaults fit a server near by and one far away.</summary>
internal sealed record S3Options
{
    private const long MiB = 1L << 20;

    // S3 takes 10,000 parts; the distance keeps a source that grew since it was planned from running into that wall.
    private const long MostParts = 9000;

    /// <summary>Up to this size an object goes in one request. Default 16 MiB.</summary>
    public long SinglePutLimit { get; init; } = 16 * MiB;

    /// <summary>The least size of a part; servers refuse less than 5 MiB for all but the last. Default 16 MiB.</summary>
    public long PartSize { get; init; } = 16 * MiB;

    /// <summary>Parts of one object on their way at a time. Default 4.</summary>
    public int PartsInFlight { get; init; } = 4;

    /// <summary>Bytes of all parts held at a time; each object gets one part whatever the others hold. Default 256 MiB.</summary>
    public long MemoryBudget { get; init; } = 256 * MiB;

    /// <summary>Connections to the server, and requests at a time while it can bear them. Default 32.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>How often one request is sent again after an error that may pass. Default 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How long a connection may take to open. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may stand still without a byte moving. Default 30 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The size of the parts of an object: such that the parts S3 allows suffice, in whole MiB when it must grow.</summary>
    public long PartSizeOf(long size) => Math.Max(PartSize, ((size + MostParts - 1) / MostParts + MiB - 1) / MiB * MiB);
}
