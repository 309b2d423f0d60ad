namespace NasSync.Destinations.Places;

/// <summary>A destination whose root may be a folder of a server.</summary>
internal interface IServerRoot
{
    /// <summary>The server and the folder, for people; null where the root is none of a server.</summary>
    string? ServerRoot { get; }

    /// <summary>Looks at the root itself.</summary>
    /// <exception cref="FailureException">The server cannot be asked.</exception>
    ValueTask<RootState> LookAtRootAsync(CancellationToken cancellationToken);
}

/// <summary>What the root of a place on a server was seen to be.</summary>
internal enum RootState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>A folder without any entry, as a mount point is where nothing is mounted.</summary>
    Empty,

    /// <summary>It holds something, or may not be listed, so that nobody can know.</summary>
    Used,
}
