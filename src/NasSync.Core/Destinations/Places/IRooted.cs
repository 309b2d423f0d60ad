namespace NasSync.Destinations.Places;

/// <summary>A destination whose root is a folder, local or on a server; a bucket has none.</summary>
internal interface IRooted
{
    /// <summary>The root, for people; with the server where there is one.</summary>
    string Root { get; }

    /// <summary>Whether the root is on a server.</summary>
    bool IsOnServer { get; }

    /// <summary>Looks at the root itself, and creates nothing.</summary>
    /// <exception cref="FailureException">The place cannot be queried.</exception>
    ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken);
}

/// <summary>The state of a place's root.</summary>
internal enum RootState
{
    /// <summary>The root does not exist.</summary>
    Missing,

    /// <summary>A folder without entries, such as a mount point where nothing is mounted.</summary>
    Empty,

    /// <summary>It has entries, or may not be listed, so that its content is unknown.</summary>
    Used,
}
