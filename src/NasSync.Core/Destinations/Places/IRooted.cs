namespace NasSync.Destinations.Places;

/// <summary>A destination that is a folder, here or on a server; a bucket is none.</summary>
internal interface IRooted
{
    /// <summary>The root, for people; with the server where it is on one.</summary>
    string Root { get; }

    /// <summary>Whether the root is a server's.</summary>
    bool IsOnServer { get; }

    /// <summary>Looks at the root itself, and makes nothing.</summary>
    /// <exception cref="FailureException">The place cannot be asked.</exception>
    ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken);
}

/// <summary>What the root of a place was seen to be.</summary>
internal enum RootState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>A folder without any entry, as a mount point is where nothing is mounted.</summary>
    Empty,

    /// <summary>It holds something, or may not be listed, so that nobody can know.</summary>
    Used,
}
