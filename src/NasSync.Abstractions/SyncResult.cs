namespace NasSync;

/// <summary>What a run did, in numbers.</summary>
public record SyncResult
{
    /// <summary>Manifests read and planned; ones that could not be read count in <see cref="Failed"/>.</summary>
    public int Manifests { get; init; }

    /// <summary>Copies made, proven and recorded.</summary>
    public int Committed { get; init; }

    /// <summary>Items that the ledger proved unchanged.</summary>
    public int Unchanged { get; init; }

    /// <summary>Items whose bytes were there already, found and recorded now.</summary>
    public int AlreadyPresent { get; init; }

    /// <summary>Items skipped with a reason: no route, root not set, or the conflict policy.</summary>
    public int Skipped { get; init; }

    /// <summary>Items and manifests that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Bytes sent.</summary>
    public long Bytes { get; init; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True when the run was stopped before its end.</summary>
    public bool Stopped { get; init; }

    /// <summary>True when nothing was to be changed (a dry run): the counts then say what would have been done.</summary>
    public bool DryRun { get; init; }

    /// <summary>What the run comes to.</summary>
    public ExitCode ExitCode { get; init; }
}

/// <summary>The exit codes of <c>nassync</c> and of scheduled runs.</summary>
public enum ExitCode
{
    /// <summary>All is where it belongs.</summary>
    Ok = 0,

    /// <summary>An error of NasSync itself.</summary>
    Unexpected = 1,

    /// <summary>The command's words are wrong.</summary>
    Usage = 2,

    /// <summary>The configuration is invalid.</summary>
    ConfigInvalid = 3,

    /// <summary>Some items failed; a later run will try them again.</summary>
    WillRetry = 5,

    /// <summary>Some items failed for good: someone must act.</summary>
    FailedForGood = 6,

    /// <summary>A destination is not there.</summary>
    DestinationUnavailable = 7,

    /// <summary>A safety rule stopped something, such as a path that tried to leave its folder.</summary>
    SafetyStop = 8,

    /// <summary>Another run holds the work folder.</summary>
    Locked = 10,

    /// <summary>Stopped by a signal.</summary>
    Stopped = 130,
}
