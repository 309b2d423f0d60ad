using System.CommandLine;
using NasSync.Config;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync config check</c>: reports every mistake at once, in a compiler's format, so that editors jump to the line.</summary>
internal static class ConfigCheckCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var command = new Command("check", "Report every mistake in the configuration, with line and column.");
        command.SetAction(parsed => (int)Check(shell, globals, parsed));
        return command;
    }

    private static ExitCode Check(Shell shell, GlobalOptions globals, ParseResult parsed)
    {
        var result = RootsThatAreFiles.Look(globals.Read(parsed));
        var errors = result.Problems.Count(problem => problem.Severity == ConfigSeverity.Error);
        var warnings = result.Problems.Count - errors;
        var exitCode = result.Config is null ? ExitCode.ConfigInvalid : ExitCode.Ok;
        if (globals.Json(parsed))
        {
            foreach (var problem in result.Problems) JsonLines.Write(shell.Out, problem);
            JsonLines.Write(shell.Out, "checked", json =>
            {
                json.WriteString("file", result.Config?.File);
                json.WriteNumber("errors", errors);
                json.WriteNumber("warnings", warnings);
                json.WriteNumber("exitCode", (int)exitCode);
            });
            return exitCode;
        }

        foreach (var problem in result.Problems) shell.Out.WriteLine(SafeText.Show(problem.ToString()));
        var count = warnings == 0 ? "" : $", {Amounts.Count(warnings, "warning", "warnings")}";
        shell.Out.WriteLine(exitCode == ExitCode.Ok
            ? SafeText.Show($"ok: {result.Config?.File ?? "the environment"}{count}")
            : $"{Amounts.Count(errors, "error", "errors")}{count}");
        return exitCode;
    }
}
