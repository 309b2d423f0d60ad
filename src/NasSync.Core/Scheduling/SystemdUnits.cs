using System.Globalization;
using System.Text;
using NasSync.Config;

namespace NasSync.Scheduling;

/// <summary>A sync as systemd units: a service that watches, or one that a timer starts.</summary>
public sealed record SystemdUnits
{
    /// <summary>How long a stop may take; a run finishes or puts off what it has in ten seconds.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(15);

    /// <summary>After how long without a sign of life the service that watches is restarted.</summary>
    public static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    /// <summary>The exit codes after which starting again would end the same way: the words, the configuration, another instance.</summary>
    public static readonly IReadOnlyList<ExitCode> NotRetried = [ExitCode.Usage, ExitCode.ConfigInvalid, ExitCode.Locked];

    // The first start comes a little after the machine's, when it has other things to do.
    private static readonly TimeSpan AfterStartup = TimeSpan.FromMinutes(2);

    /// <summary>The name of the units, without an ending.</summary>
    public required string Name { get; init; }

    /// <summary>The program by its full path, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The configuration, of which the paths are let through to the service.</summary>
    public required SyncConfig Config { get; init; }

    /// <summary>When a timer starts it; null (the default): it is a service that watches, and tells systemd when it is ready.</summary>
    public SyncSchedule? Schedule { get; init; }

    /// <summary>Whose units these are. Default the system's.</summary>
    public SyncTaskScope Scope { get; init; }

    /// <summary>The account a service of the system runs as; null is root.</summary>
    public string? RunAs { get; init; }

    /// <summary>A file of variables for the service, as a full path; null (the default) is none. It may be missing.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Variables for the service. Default none.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a run that a timer started may take; null (the default) is for ever.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The unit that is enabled and started.</summary>
    public string Enabled => Schedule is null ? $"{Name}.service" : $"{Name}.timer";

    /// <summary>The units.</summary>
    /// <exception cref="FailureException">A path or the schedule cannot be said in a unit (class Config).</exception>
    public IReadOnlyList<UnitFile> Build()
    {
        if (Schedule is SyncSchedule.AtLogOn && Scope == SyncTaskScope.System)
        {
            throw new FailureException(new Failure(
                FailureClass.Config,
                "UnitSchedule",
                "A service of the system has no one who logs on.",
                "Make it a user's own, or let it run at startup."));
        }

        var service = new UnitFile($"{Name}.service", Service());
        return Schedule is null ? [service] : [service, new UnitFile($"{Name}.timer", Timer(Schedule))];
    }

    private string Service()
    {
        var text = Begin(Schedule is null ? "NasSync: carries finished media to where it belongs" : $"NasSync: one sync ({Schedule})");
        if (Scope == SyncTaskScope.System) text.Append("Wants=network-online.target\nAfter=network-online.target remote-fs.target\n");

        // Without its disk the ledger would be begun anew somewhere else. Outputs and targets may come and go: NasSync waits for them.
        text.Append(CultureInfo.InvariantCulture, $"RequiresMountsFor={SystemdText.Word(Config.WorkDir)}\n");
        if (Schedule is null) text.Append("StartLimitIntervalSec=10min\nStartLimitBurst=10\n");
        text.Append("\n[Service]\n");
        if (Schedule is null)
            text.Append(CultureInfo.InvariantCulture, $"Type=notify\nNotifyAccess=main\nWatchdogSec={SystemdText.Span(Watchdog)}\n");
        else
            text.Append(
                CultureInfo.InvariantCulture,
                $"Type=oneshot\nTimeoutStartSec={(TimeLimit is { } limit && limit > TimeSpan.Zero ? SystemdText.Span(limit) : "infinity")}\n");
        text.Append(CultureInfo.InvariantCulture, $"ExecStart={SystemdText.Command(Command)}\n");
        foreach (var (name, value) in Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"Environment={SystemdText.Word($"{name}={value}")}\n");
        if (EnvironmentFile is not null) text.Append(CultureInfo.InvariantCulture, $"EnvironmentFile=-{SystemdText.Line(EnvironmentFile)}\n");
        if (Scope == SyncTaskScope.System && RunAs is not null) text.Append(CultureInfo.InvariantCulture, $"User={SystemdText.Line(RunAs)}\n");

        // The signal goes to NasSync alone: it lets its ssh and rsync end in order. What is left is killed.
        text.Append(
            CultureInfo.InvariantCulture,
            $"KillSignal=SIGTERM\nKillMode=mixed\nTimeoutStopSec={SystemdText.Span(StopTime)}\nSuccessExitStatus={(int)ExitCode.Stopped}\n");
        if (Schedule is null)
            text.Append(
                CultureInfo.InvariantCulture,
                $"Restart=on-failure\nRestartSec=10s\nRestartPreventExitStatus={string.Join(' ', NotRetried.Select(code => (int)code))}\n");
        text.Append('\n').Append(SystemdSandbox.Text(Config, Scope, RunAs, [Command[0], .. Config.File is { } file ? new[] { file } : []]));
        if (Schedule is null)
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n[Install]\nWantedBy={(Scope == SyncTaskScope.System ? "multi-user.target" : "default.target")}\n");
        return End(text);
    }

    private string Timer(SyncSchedule schedule)
    {
        var text = Begin($"NasSync: starts a sync {schedule}").Append("\n[Timer]\n");
        switch (schedule)
        {
            case SyncSchedule.Every every:
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"OnBootSec={SystemdText.Span(AfterStartup)}\nOnUnitInactiveSec={SystemdText.Span(every.Interval)}\n");
                break;
            case SyncSchedule.DailyAt daily:
                foreach (var time in daily.Times) text.Append(CultureInfo.InvariantCulture, $"OnCalendar=*-*-* {time:HH:mm:ss}\n");
                text.Append("Persistent=true\n");
                break;
            case SyncSchedule.AtStartup:
                text.Append(CultureInfo.InvariantCulture, $"OnBootSec={SystemdText.Span(AfterStartup)}\n");
                break;
            default:
                // A user's systemd starts when the user logs on.
                text.Append("OnStartupSec=10s\n");
                break;
        }

        if (schedule.RandomDelay > TimeSpan.Zero)
            text.Append(CultureInfo.InvariantCulture, $"RandomizedDelaySec={SystemdText.Span(schedule.RandomDelay)}\n");
        return End(text.Append("\n[Install]\nWantedBy=timers.target\n"));
    }

    private static StringBuilder Begin(string description) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"{UnitFile.Header} Change it with 'systemctl edit'; the next install writes it anew.\n")
        .Append(CultureInfo.InvariantCulture, $"[Unit]\nDescription={SystemdText.Line(description)}\n");

    private string End(StringBuilder text) => text
        .Append(
            CultureInfo.InvariantCulture,
            $"\n[{UnitFile.OwnSection}]\nSchedule={(Schedule is null ? "always" : Schedule.ToString())}\nConfig={SystemdText.Line(Config.File ?? "")}\n")
        .ToString();
}
