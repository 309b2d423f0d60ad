using System.Management.Automation;
using NasSync.Config;
using NasSync.Installing;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;
using NasSync.Scheduling;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Lets the system start syncs by itself: a task of the Windows Task Scheduler, or a systemd service and timer on Linux. The task's result is the
/// exit code that <c>nassync sync</c> would have.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "SyncTask", DefaultParameterSetName = EverySet, SupportsShouldProcess = true)]
[OutputType(typeof(SyncTask))]
[OutputType(typeof(string))]
public sealed class RegisterSyncTaskCommand : AsyncCmdlet
{
    private const string EverySet = "Every";
    private const string DailyAtSet = "DailyAt";
    private const string AtStartupSet = "AtStartup";
    private const string AtLogOnSet = "AtLogOn";
    private const string WindowsName = "NasSync";

    /// <summary>The task's name. Default: NasSync (Windows) or nassync-sync (Linux).</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>The interval, from one minute to 31 days. Default 15 minutes.</summary>
    [Parameter(ParameterSetName = EverySet)]
    [DurationArgument]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The times of day, every day.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DailyAtSet)]
    [ValidateNotNullOrEmpty]
    public TimeOnly[] DailyAt { get; set; } = [];

    /// <summary>Starts once, after the machine has started.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AtStartupSet)]
    public SwitchParameter AtStartup { get; set; }

    /// <summary>Starts once, when the account logs on.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AtLogOnSet)]
    public SwitchParameter AtLogOn { get; set; }

    /// <summary>Delays each start by a random time up to this one. Default zero.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan RandomDelay { get; set; }

    /// <summary>Maximum duration of a run, after which it is ended; zero means no limit. Default 3 days.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromDays(3);

    /// <summary>
    /// The account. Windows: SYSTEM, LocalService, NetworkService, DOMAIN\name$ (a group managed service account), or a person's; default: your own,
    /// while you are logged on. Linux, with -Scope System: default the account that called sudo.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>
    /// The logon type of the account (Windows). Default: derived from its name; a person's without a password (S4U), your own while you are logged
    /// on.
    /// </summary>
    [Parameter]
    public SyncTaskLogon? LogonType { get; set; }

    /// <summary>The owner of the schedule (Linux). Default: the system for root, otherwise your own account.</summary>
    [Parameter]
    public SyncTaskScope? Scope { get; set; }

    /// <summary>An execution policy for the task's PowerShell alone. Default: the machine's.</summary>
    [Parameter]
    [ValidateSet("AllSigned", "Bypass", "RemoteSigned", "Restricted", "Unrestricted")]
    public string? ExecutionPolicy { get; set; }

    /// <summary>Replaces a task with this name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the registered task.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Registers nothing; writes the task's XML for the Windows Task Scheduler, on any system.</summary>
    [Parameter]
    public SwitchParameter AsXml { get; set; }

    /// <summary>Registers nothing; writes the systemd units, one text each, on any system.</summary>
    [Parameter]
    public SwitchParameter AsUnit { get; set; }

    private protected override string Activity => "Registering a task";

    /// <inheritdoc/>
    /// <remarks>
    /// Runs per record, not at the end: an object from the pipeline binds to nothing here, and must not select the default configuration.
    /// </remarks>
    protected override void ProcessRecord()
    {
        if (AsXml && !OperatingSystem.IsWindows() && Config is not null && SessionPath.IsOfWindows(Config))
        {
            WriteForWindows(Config);
            return;
        }

        var config = SessionConfig.Require(this, Config, near: null, warn: true);
        var program = ThisModule.PowerShell(this);
        Run(async (writer, cancellationToken) =>
        {
            if (config.File is null) throw new FailureException(CmdletFailure.ConfigFileNeeded());
            var script = new SyncScript(program, ThisModule.Manifest(), config.File) { ExecutionPolicy = ExecutionPolicy };
            if (AsXml || (OperatingSystem.IsWindows() && !AsUnit)) await OnWindowsAsync(script, writer, cancellationToken).ConfigureAwait(false);
            else await OnLinuxAsync(script, config, writer, cancellationToken).ConfigureAwait(false);
        });
    }

    // The task is for another machine: its file cannot be read here, and this machine's pwsh and module mean nothing there.
    private void WriteForWindows(string file)
    {
        WriteVerbose($"{file} is a path of Windows and is not read here; the task finds pwsh by the PATH and NasSync among the installed modules.");
        Run((writer, _) =>
        {
            if (User is null) throw new FailureException(CmdletFailure.WindowsAccountNeeded());
            var script = new SyncScript("pwsh.exe", "NasSync", file) { ExecutionPolicy = ExecutionPolicy };
            writer.WriteObject(WindowsTask(Name ?? WindowsName, script).ToPortableXml());
            return Task.CompletedTask;
        });
    }

    private WindowsTask WindowsTask(string name, SyncScript script)
    {
        if (Scheduling.WindowsTask.ProblemOf(name) is { } problem) throw new FailureException(CmdletFailure.TaskNameInvalid(problem));
        var self = $@"{Environment.UserDomainName}\{Environment.UserName}";
        var account = User is null ? new TaskAccount(self, LogonType ?? SyncTaskLogon.Interactive) : TaskAccount.Of(User, LogonType);
        return new WindowsTask(name, script, Schedule(), account) { TimeLimit = TimeLimit };
    }

    private async Task OnWindowsAsync(SyncScript script, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var name = Name ?? WindowsName;
        var task = WindowsTask(name, script);
        if (AsXml)
        {
            writer.WriteObject(task.ToPortableXml());
            return;
        }

        if (!await writer.ShouldProcessAsync(
            task.Path,
            $"Register the task with this XML:{Environment.NewLine}{task.ToXml()}",
            cancellationToken).ConfigureAwait(false))
            return;
        var scheduler = new WindowsScheduler(TimeProvider.System);
        await scheduler.RegisterAsync(task, Force, cancellationToken).ConfigureAwait(false);
        if (PassThru) Write(await scheduler.ListAsync(cancellationToken).ConfigureAwait(false), name, writer);
    }

    private async Task OnLinuxAsync(SyncScript script, SyncConfig config, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var name = Name ?? "nassync-sync";
        if (UnitFile.ProblemOf(name) is { } problem) throw new FailureException(CmdletFailure.TaskNameInvalid(problem));
        if (!OperatingSystem.IsLinux() && !AsUnit) throw new FailureException(CmdletFailure.NoScheduler());
        var host = SystemdHosts.Of(Scope);
        var account = host.Scope == SyncTaskScope.System ? User ?? SystemdHost.Caller(ConfigSources.OfProcess().Environment) : null;
        if (host.Scope == SyncTaskScope.System && account is null) throw new FailureException(CmdletFailure.AccountNeeded());
        var units = new SystemdUnits
        {
            Name = name,
            Command = [script.Program, .. script.Arguments],
            Config = config,
            Schedule = Schedule(),
            Scope = host.Scope,
            RunAs = account,
            TimeLimit = TimeLimit,

            // PowerShell would write caches into the home folder, which the service may not write to.
            Environment = new Dictionary<string, string> { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1", ["PSModuleAnalysisCachePath"] = "/dev/null" },
        };
        if (AsUnit)
        {
            foreach (var unit in units.Build()) writer.WriteObject(unit.Text);
            return;
        }

        var installer = new SystemdInstaller(host, TimeProvider.System) { Tell = step => Tell(step, writer) };
        var path = Path.Combine(host.UnitFolder, units.Enabled);
        if (!Force && File.Exists(path)) throw new FailureException(CmdletFailure.FileExists(path));
        if (!await writer.ShouldProcessAsync(path, $"Write the units and let systemd sync {units.Schedule}", cancellationToken).ConfigureAwait(false))
            return;
        await installer.InstallAsync(units, start: true, cancellationToken).ConfigureAwait(false);
        if (PassThru) Write(await installer.ListAsync(cancellationToken).ConfigureAwait(false), name, writer);
    }

    private SyncSchedule Schedule()
    {
        SyncSchedule schedule = ParameterSetName switch
        {
            DailyAtSet => new SyncSchedule.DailyAt([.. DailyAt.Distinct().Order()]),
            AtStartupSet => new SyncSchedule.AtStartup(),
            AtLogOnSet => new SyncSchedule.AtLogOn(),
            _ => new SyncSchedule.Every(Every),
        };
        if (schedule is SyncSchedule.Every { Interval: var interval }
            && (interval < SyncSchedule.ShortestInterval || interval > SyncSchedule.LongestInterval))
            throw new FailureException(CmdletFailure.ScheduleInvalid($"An interval of {interval} is out of range: from one minute to 31 days."));
        if (RandomDelay < TimeSpan.Zero || TimeLimit < TimeSpan.Zero)
            throw new FailureException(CmdletFailure.ScheduleInvalid("A time span below zero means nothing here."));
        return schedule with { RandomDelay = RandomDelay };
    }

    private static void Tell(InstallStep step, PipelineWriter writer)
    {
        if (step.Action == InstallAction.ToRun) writer.WriteWarning($"systemd does not run here; when it does, run: {step.Item}");
        else writer.WriteVerbose($"{step.Action}: {step.Item}");
    }

    private static void Write(IEnumerable<SyncTask> tasks, string name, PipelineWriter writer)
    {
        foreach (var task in tasks.Where(task => task.Name == name)) writer.WriteObject(task);
    }
}
