namespace NasSync;

/// <summary>The totals of a run.</summary>
public record SyncResult
{
    /// <summary>Manifests that were read and planned; unreadable ones count in <see cref="Failed"/>.</summary>
    public int Manifests { get; init; }

    /// <summary>Copies that were made, verified and recorded.</summary>
    public int Committed { get; init; }

    /// <summary>Only with <c>-WhatIf</c>: copies that would be made; none of them counts as committed then.</summary>
    public int Planned { get; init; }

    /// <summary>Only with <c>-WhatIf</c>: items whose bytes are there already, and which would be recorded.</summary>
    public int PlannedRecord { get; init; }

    /// <summary>Items that the ledger proved unchanged.</summary>
    public int Unchanged { get; init; }

    /// <summary>Items whose bytes were at the target already and were recorded in this run.</summary>
    public int AlreadyPresent { get; init; }

    /// <summary>Items skipped with a reason: no route, root not set, or the conflict policy.</summary>
    public int Skipped { get; init; }

    /// <summary>Items and manifests that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Sources that were removed because their routes say so, after all copies were recorded.</summary>
    public int Released { get; init; }

    /// <summary>Bytes sent, or in a dry run that would be.</summary>
    public long Bytes { get; init; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True when the run was stopped before its end.</summary>
    public bool Stopped { get; init; }

    /// <summary>True for a dry run, which changes nothing: the counts then say what would have been done.</summary>
    public bool DryRun { get; init; }

    /// <summary>The exit code of the run.</summary>
    public ExitCode ExitCode { get; init; }
}

/// <summary>The exit codes of <c>nassync</c> and of scheduled runs.</summary>
public enum ExitCode
{
    /// <summary>All items are at their targets.</summary>
    Ok = 0,

    /// <summary>An error of NasSync itself.</summary>
    Unexpected = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>The configuration is invalid.</summary>
    ConfigInvalid = 3,

    /// <summary>Some items failed; a later run retries them.</summary>
    WillRetry = 5,

    /// <summary>Some items failed permanently: someone must act.</summary>
    FailedForGood = 6,

    /// <summary>A destination is not available.</summary>
    DestinationUnavailable = 7,

    /// <summary>A safety rule stopped something, such as a path that tried to leave its folder.</summary>
    SafetyStop = 8,

    /// <summary>Another run holds the work folder.</summary>
    Locked = 10,

    /// <summary>Stopped by a signal.</summary>
    Stopped = 130,
}
