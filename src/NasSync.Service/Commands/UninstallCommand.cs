using System.CommandLine;
using NasSync.Installing;
using NasSync.Scheduling;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync uninstall</c>: stops and removes what <c>install</c> created, and nothing else.</summary>
internal static class UninstallCommand
{
    // The names that install uses by default.
    private static readonly string[] Names = ["nassync", "nassync-sync"];

    /// <summary>Creates the command with its options.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var place = new SystemdOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the steps, and change nothing." };
        var command = new Command("uninstall", "Stop and remove the units that install made; configuration, ledger and copies stay.") { dryRun };
        place.AddTo(command);
        command.SetAction(async (parsed, stop) => (int)await UninstallAsync(shell, globals, parsed, place, parsed.GetValue(dryRun), stop));
        return command;
    }

    private static async Task<ExitCode> UninstallAsync(
        Shell shell,
        GlobalOptions globals,
        ParseResult parsed,
        SystemdOptions place,
        bool dryRun,
        CancellationToken stop)
    {
        var host = place.Host(shell, parsed);
        var given = place.Name(parsed);
        if (given is not null && UnitFile.ProblemOf(given) is { } problem) throw new FailureException(CommandFailure.TaskNameInvalid(problem));

        var output = new InstallOutput(shell, globals.Json(parsed), dryRun);
        var installer = new SystemdInstaller(host, shell.Time) { DryRun = dryRun, Tell = output.Show };
        var any = false;
        foreach (var name in given is null ? Names : [given]) any |= await installer.UninstallAsync(name, stop);

        // A missing unit is no error: there is nothing left to remove.
        if (!any)
            shell.Error.WriteLine(
                SafeText.Show($"There is no unit of NasSync{(given is null ? "" : $" named {given}")} in {host.UnitFolder}; nothing was done."));
        output.End(given ?? "nassync", host);
        return ExitCode.Ok;
    }
}
