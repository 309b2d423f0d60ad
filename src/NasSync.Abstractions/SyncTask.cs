namespace NasSync;

/// <summary>Whose schedule a task of Linux belongs to.</summary>
public enum SyncTaskScope
{
    /// <summary>The machine's: it runs whoever is logged in, and takes root to change.</summary>
    System,

    /// <summary>One user's own.</summary>
    User,
}

/// <summary>How the Windows Task Scheduler logs a task's account on.</summary>
public enum SyncTaskLogon
{
    /// <summary>Only while the account is logged on, with all of its rights.</summary>
    Interactive,

    /// <summary>Whether logged on or not, without a password; such a task reaches no network share.</summary>
    S4U,

    /// <summary>SYSTEM, LOCAL SERVICE or NETWORK SERVICE.</summary>
    ServiceAccount,

    /// <summary>A group managed service account, <c>DOMAIN\name$</c>, whose password the domain keeps.</summary>
    GroupManaged,
}

/// <summary>A sync that the system starts by itself, as <c>Get-SyncTask</c> writes it.</summary>
public sealed record SyncTask
{
    /// <summary>Its name: of the task below <c>\NasSync</c> in the Task Scheduler, or of the systemd unit without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>When it runs, for people: <c>every 15m</c>, <c>daily at 02:30</c>, <c>always</c> for a service that watches.</summary>
    public required string Schedule { get; init; }

    /// <summary>The configuration file it runs with; null when that is not known.</summary>
    public string? Config { get; init; }

    /// <summary>The task's path in the Task Scheduler, or the full path of the systemd unit that is enabled.</summary>
    public required string Path { get; init; }

    /// <summary>Whose it is; null on Windows.</summary>
    public SyncTaskScope? Scope { get; init; }

    /// <summary>The state in the scheduler's own words, such as <c>Ready</c> or <c>active</c>; null when it could not be asked.</summary>
    public string? State { get; init; }

    /// <summary>What the last run ended with; null when none has, or the scheduler does not tell.</summary>
    public ExitCode? LastResult { get; init; }

    /// <summary>When the last run ended (systemd) or began (Windows); null when none did, or the scheduler does not tell.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>Name and schedule.</summary>
    public override string ToString() => $"{Name}: {Schedule}";
}
