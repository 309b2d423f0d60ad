using System.CommandLine;
using NasSync.Destinations.Contract;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync destination test</c>: shows a place's capabilities and tests every promise, in a folder that is removed again.</summary>
internal static class DestinationTestCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var name = new Argument<string>("NAME") { Description = "A destination's name, or a folder." };
        var command = new Command("test", "Test whether a destination does everything that NasSync relies on.") { name };
        command.SetAction(async (parsed, stop) => (int)await TestAsync(shell, globals, parsed, parsed.GetValue(name)!, stop));
        return command;
    }

    private static async Task<ExitCode> TestAsync(Shell shell, GlobalOptions globals, ParseResult parsed, string name, CancellationToken stop)
    {
        if (globals.Load(parsed) is not { } config) return ExitCode.ConfigInvalid;
        var place = config.Destinations.ContainsKey(name) || !Shell.IsPath(name) ? name : shell.FullPath(name);
        using var log = globals.Log(parsed, config);
        await using var check = DestinationCheck.Open(config, place, shell.Time, log);
        if (check is null) throw new FailureException(CommandFailure.DestinationUnknown(name, config.Destinations.Keys));
        var output = new DestinationTestOutput(shell, globals.Json(parsed), place);
        output.Show(await check.ProbeAsync(stop));
        await foreach (var result in check.RunAsync(stop)) output.Show(result);
        return output.End();
    }
}
