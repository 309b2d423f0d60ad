namespace NasSync.Transfers;

/// <summary>How long one place is waited for before the others go on without it. Nobody configures these; tests do.</summary>
internal sealed record Patience
{
    /// <summary>The others wait so long for a place that does not begin a copy; then the source is read without it, and once more for it.</summary>
    public TimeSpan Beginning { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Faster copies wait so long in all for slower ones, so that the source is read once: enough that places of one network read a film once,
    /// short enough that a stuck place costs the others little.
    /// </summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A call to a folder that takes longer hangs: a folder answers at once, or not at all.</summary>
    public TimeSpan Folder { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A call to a server that takes longer hangs. Servers may ask to be spared for minutes, and their connections watch themselves.
    /// </summary>
    public TimeSpan Server { get; init; } = TimeSpan.FromMinutes(15);
}
