namespace NasSync.Transfers;

/// <summary>How long the other places wait for a slow one. These are no settings; only tests change them.</summary>
internal sealed record Patience
{
    /// <summary>The longest wait for a place to begin its copy. Then the source is read for the others, and later again for this place.</summary>
    public TimeSpan Beginning { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest total time that faster copies wait for slower ones, so that the source is read only once. Long enough for places on one network to
    /// share one read of a film, short enough that a stuck place costs the others little.
    /// </summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A call to a folder that takes longer counts as hanging: a folder answers at once or not at all.</summary>
    public TimeSpan Folder { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A call to a server that takes longer counts as hanging. The limit is high, because a server may ask for a pause of minutes, and connections
    /// have time-outs of their own.
    /// </summary>
    public TimeSpan Server { get; init; } = TimeSpan.FromMinutes(15);
}
