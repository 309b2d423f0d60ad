using System.Globalization;
using System.Text;
using NasSync.Config;

namespace NasSync.Scheduling;

/// <summary>A sync as systemd units: a service that watches, or a service that a timer starts.</summary>
public sealed record SystemdUnits
{
    /// <summary>The time limit for a stop; a run finishes or postpones its work within ten seconds.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(15);

    /// <summary>The watchdog timeout after which the watching service is restarted.</summary>
    public static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    /// <summary>Exit codes after which a restart would fail in the same way: wrong usage, wrong configuration, another instance.</summary>
    public static readonly IReadOnlyList<ExitCode> NotRetried = [ExitCode.Usage, ExitCode.ConfigInvalid, ExitCode.Locked];

    // The first start is delayed, because the machine is busy while it boots.
    private static readonly TimeSpan AfterStartup = TimeSpan.FromMinutes(2);

    /// <summary>The name of the units, without a suffix.</summary>
    public required string Name { get; init; }

    /// <summary>The program's full path and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The configuration, whose paths stay accessible to the service.</summary>
    public required SyncConfig Config { get; init; }

    /// <summary>The timer's schedule; null (the default) makes a service that watches, and notifies systemd when it is ready.</summary>
    public SyncSchedule? Schedule { get; init; }

    /// <summary>The system's units or a user's own. Default the system's.</summary>
    public SyncTaskScope Scope { get; init; }

    /// <summary>The account of a system service; null is root.</summary>
    public string? RunAs { get; init; }

    /// <summary>An environment file for the service, as a full path, which need not exist; null (the default) is none.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Variables for the service. Default none.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The time limit of a run that a timer started; null (the default) is unlimited.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The unit to enable and start.</summary>
    public string Enabled => Schedule is null ? $"{Name}.service" : $"{Name}.timer";

    /// <summary>Builds the units.</summary>
    /// <exception cref="FailureException">A unit cannot express a path or the schedule (class Config).</exception>
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

        // Without its disk, a new ledger would be created in the empty mount point. Outputs and targets may come and go: NasSync waits for them.
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

        // SIGTERM goes only to NasSync, which ends its ssh and rsync in order; systemd kills what is left.
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
                // A user's systemd starts at logon.
                text.Append("OnStartupSec=10s\n");
                break;
        }

        if (schedule.RandomDelay > TimeSpan.Zero)
            text.Append(CultureInfo.InvariantCulture, $"RandomizedDelaySec={SystemdText.Span(schedule.RandomDelay)}\n");
        return End(text.Append("\n[Install]\nWantedBy=timers.target\n"));
    }

    private static StringBuilder Begin(string description) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"{UnitFile.Header} Change it with 'systemctl edit'; the next install overwrites it.\n")
        .Append(CultureInfo.InvariantCulture, $"[Unit]\nDescription={SystemdText.Line(description)}\n");

    private string End(StringBuilder text) => text
        .Append(
            CultureInfo.InvariantCulture,
            $"\n[{UnitFile.OwnSection}]\nSchedule={(Schedule is null ? "always" : Schedule.ToString())}\n")
        .Append(CultureInfo.InvariantCulture, $"Config={SystemdText.Line(Config.File ?? "")}\n")
        .ToString();
}
