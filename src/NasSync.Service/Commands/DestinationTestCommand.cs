using System.CommandLine;
using NasSync.Config;
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
        var command = new Command("test", "Say what a destination can do and whether it keeps what NasSync relies on.") { name };
        command.SetAction(async (parsed, stop) => (int)await TestAsync(shell, globals, parsed, parsed.GetValue(name)!, stop));
        return command;
    }

    private static async Task<ExitCode> TestAsync(Shell shell, GlobalOptions globals, ParseResult parsed, string name, CancellationToken stop)
    {
        if (globals.Load(parsed) is not { } config) return ExitCode.ConfigInvalid;
        var place = config.Destinations.ContainsKey(name) || !IsPath(name) ? name : shell.FullPath(name);
        using var log = globals.Log(parsed, config);
        await using var check = DestinationCheck.Open(config, place, shell.Time, log);
        if (check is null) return Unknown(shell, config, name);
        var output = new DestinationTestOutput(shell, globals.Json(parsed), place);
        output.Show(await check.ProbeAsync(stop));
        await foreach (var result in check.RunAsync(stop)) output.Show(result);
        return output.End();
    }

    private static bool IsPath(string name) => name is "." or ".." || name.Contains('/') || name.Contains(Path.DirectorySeparatorChar);

    private static ExitCode Unknown(Shell shell, SyncConfig config, string name)
    {
        var known = config.Destinations.Count == 0
            ? "it has none; a folder is written as a path, such as ./folder"
            : $"write one of {string.Join(", ", config.Destinations.Keys.Order(StringComparer.Ordinal))}, or a folder's path";
        shell.Error.WriteLine(SafeText.Show($"The configuration has no destination '{name}': {known}."));
        return ExitCode.Usage;
    }
}
