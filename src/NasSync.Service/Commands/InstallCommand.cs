using System.CommandLine;
using NasSync.Config;
using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync install</c>: installs a systemd service that watches, or one that a timer starts.</summary>
internal static class InstallCommand
{
    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var timer = new Option<SyncSchedule?>("--timer")
        {
            Description = "Sync on a schedule instead of watching: an interval (15m, 2h) or times of day (02:30,14:30).",
            HelpName = "SCHEDULE",
            CustomParser = result =>
            {
                if (SyncSchedule.Parse(result.Tokens[0].Value, out var schedule) is { } problem) result.AddError(problem);
                return schedule;
            },
        };
        var daemon = new Option<bool>("--daemon") { Description = "A service that watches the outputs folder; this is the default." };
        var place = new SystemdOptions();
        var runAs = new Option<string?>("--run-as")
        {
            Description = "The account of a service of the system. Default: the one that called sudo.",
            HelpName = "USER",
        };
        var variables = new Option<string?>("--environment-file")
        {
            Description = "A file of NAME=VALUE lines for the service, such as secrets that the configuration refers to.",
            HelpName = "FILE",
        };
        var noStart = new Option<bool>("--no-start") { Description = "Enable it for the next start of the machine, and do not start it now." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the units and the steps, and change nothing." };
        var command = new Command(
            "install",
            "Let systemd run it: as a service that watches, or on a schedule.") { timer, daemon, runAs, variables, noStart, dryRun };
        place.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(daemon) && result.GetResult(timer) is { Implicit: false }) result.AddError("Give either --timer or --daemon.");
            if (result.GetValue(place.User) && result.GetValue(runAs) is not null)
                result.AddError("A user's own service runs as that user: leave --run-as out.");
        });
        command.SetAction(async (parsed, stop) => (int)await new Installation(shell, globals, parsed, place)
        {
            Schedule = parsed.GetValue(timer),
            RunAs = parsed.GetValue(runAs),
            EnvironmentFile = parsed.GetValue(variables) is { } file ? shell.FullPath(file) : null,
            Start = !parsed.GetValue(noStart),
            DryRun = parsed.GetValue(dryRun),
        }.RunAsync(stop));
        return command;
    }

    /// <summary>One execution of the command.</summary>
    private sealed class Installation(Shell shell, GlobalOptions globals, ParseResult parsed, SystemdOptions place)
    {
        public required SyncSchedule? Schedule { get; init; }

        public required string? RunAs { get; init; }

        public required string? EnvironmentFile { get; init; }

        public required bool Start { get; init; }

        public required bool DryRun { get; init; }

        public async Task<ExitCode> RunAsync(CancellationToken stop)
        {
            var host = place.Host(shell, parsed);
            var name = place.Name(parsed) ?? (Schedule is null ? "nassync" : "nassync-sync");
            if (UnitFile.ProblemOf(name) is { } problem) throw new FailureException(CommandFailure.TaskNameInvalid(problem));
            var account = Account(host);
            if (Load() is not { } config) return ExitCode.ConfigInvalid;
            if (config.File is null) throw new FailureException(CommandFailure.ConfigFileNeeded());
            var output = new InstallOutput(shell, globals.Json(parsed), DryRun);
            var units = new SystemdUnits
            {
                Name = name,
                Command = [.. OwnCommand.Words(), Schedule is null ? "watch" : "sync", "--config", config.File],
                Config = config,
                Schedule = Schedule,
                Scope = host.Scope,
                RunAs = host.Scope == SyncTaskScope.System ? account : null,
                EnvironmentFile = EnvironmentFile,
                Environment = OwnCommand.Variables(shell.Environment),
            };
            if (DryRun) output.Show(units.Build());
            await new SystemdInstaller(host, shell.Time) { DryRun = DryRun, Tell = output.Show }.InstallAsync(units, Start, stop);
            output.End(name, host);
            return ExitCode.Ok;
        }

        // Root may write anything, so running as root must be requested explicitly.
        private string Account(SystemdHost host)
        {
            if (host.Scope == SyncTaskScope.User) return Environment.UserName;
            var account = RunAs ?? SystemdHost.Caller(shell.Environment);
            if (account is { Length: > 0 } && account.All(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c != '%')) return account;
            throw new FailureException(CommandFailure.AccountNeeded(account));
        }

        // Reads the configuration as the service will see it: with the variables of its file, not those of this shell.
        private SyncConfig? Load()
        {
            var variables = new Dictionary<string, string>(StringComparer.Ordinal);
            if (shell.Environment.TryGetValue("HOME", out var home)) variables["HOME"] = home;
            foreach (var (name, value) in EnvironmentLines.Read(EnvironmentFile)) variables[name] = value;
            return globals.Load(parsed, startPath: null, variables);
        }
    }
}
