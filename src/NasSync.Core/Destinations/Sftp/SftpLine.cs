namespace NasSync.Destinations.Sftp;

/// <summary>One connection, or one that is being opened, and how much of its work is taken.</summary>
internal sealed class SftpLine(Task<SftpConnection> opening)
{
    /// <summary>The connection, once it is there.</summary>
    public Task<SftpConnection> Opening { get; } = opening;

    /// <summary>The weight of the copies on it.</summary>
    public int Load { get; set; }

    /// <summary>True while it can be used.</summary>
    public bool IsOpen => Opening.IsCompletedSuccessfully && !Opening.GetAwaiter().GetResult().IsBroken;

    /// <summary>True when it never came about or broke.</summary>
    public bool IsGone => Opening.IsCompleted && !IsOpen;
}
