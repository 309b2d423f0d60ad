namespace NasSync;

/// <summary>Whose schedule a task on Linux belongs to.</summary>
public enum SyncTaskScope
{
    /// <summary>The machine's: runs whoever is logged in; changing it requires root.</summary>
    System,

    /// <summary>One user's own.</summary>
    User,
}

/// <summary>How the Windows Task Scheduler logs on a task's account.</summary>
public enum SyncTaskLogon
{
    /// <summary>Only while the account is logged on, with all its rights.</summary>
    Interactive,

    /// <summary>Whether logged on or not, without a password; such a task cannot reach network shares.</summary>
    S4U,

    /// <summary>SYSTEM, LOCAL SERVICE or NETWORK SERVICE.</summary>
    ServiceAccount,

    /// <summary>A group managed service account, <c>DOMAIN\name$</c>, whose password the domain manages.</summary>
    GroupManaged,
}

/// <summary>A sync that the system starts, as <c>Get-SyncTask</c> outputs it.</summary>
public sealed record SyncTask
{
    /// <summary>The name of the task below <c>\NasSync</c> in the Task Scheduler, or of the systemd unit without its suffix.</summary>
    public required string Name { get; init; }

    /// <summary>The schedule, as text for people: <c>every 15m</c>, <c>daily at 02:30</c>, <c>always</c> for a service that watches.</summary>
    public required string Schedule { get; init; }

    /// <summary>The configuration file; null when unknown.</summary>
    public string? Config { get; init; }

    /// <summary>The task's path in the Task Scheduler, or the full path of the systemd unit that is enabled.</summary>
    public required string Path { get; init; }

    /// <summary>The system's task or a user's own; null on Windows.</summary>
    public SyncTaskScope? Scope { get; init; }

    /// <summary>The state in the scheduler's own words, such as <c>Ready</c> or <c>active</c>; null when it could not be queried.</summary>
    public string? State { get; init; }

    /// <summary>The exit code of the last run; null when there was none, or the scheduler does not report it.</summary>
    public ExitCode? LastResult { get; init; }

    /// <summary>When the last run ended (systemd) or began (Windows); null when there was none, or the scheduler does not report it.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>Name and schedule.</summary>
    public override string ToString() => $"{Name}: {Schedule}";
}
