namespace NasSync.Destinations.Sftp;

/// <summary>A connection, open or opening, and its load.</summary>
internal sealed class SftpLine(Task<SftpConnection> opening)
{
    /// <summary>Completes with the connection.</summary>
    public Task<SftpConnection> Opening { get; } = opening;

    /// <summary>The total weight of its copies.</summary>
    public int Load { get; set; }

    /// <summary>Whether it can be used.</summary>
    public bool IsOpen => Opening.IsCompletedSuccessfully && !Opening.GetAwaiter().GetResult().IsBroken;

    /// <summary>Whether it failed to open or broke.</summary>
    public bool IsGone => Opening.IsCompleted && !IsOpen;
}
