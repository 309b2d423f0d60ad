using System.CommandLine;
using NasSync.Config;
using NasSync.Destinations.Places;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync destination accept</c>: accepts the current folder at a root as the right one, after the place was set up again.</summary>
internal static class DestinationAcceptCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var root = new Argument<string>("ROOT") { Description = "The folder, as the error names it, or a destination's name." };
        var wait = WaitOption.Create();
        var command = new Command(
            "accept",
            "Accept the folder that stands at a root now: the disk behind it is meant to be another one.") { root, wait };
        command.SetAction(async (parsed, stop) => (int)await AcceptAsync(
            shell,
            globals,
            parsed,
            parsed.GetValue(root)!,
            parsed.GetValue(wait),
            stop));
        return command;
    }

    private static async Task<ExitCode> AcceptAsync(
        Shell shell, GlobalOptions globals, ParseResult parsed, string name, TimeSpan wait, CancellationToken stop)
    {
        if (globals.Load(parsed) is not { } config) return ExitCode.ConfigInvalid;
        var place = PlaceToAccept.Of(config, name, shell.FullPath)
            ?? throw new FailureException(CommandFailure.NothingToAccept($"{name} is a bucket and no folder"));
        using var turn = await WaitOption.TakeTurnAsync(shell, config, wait, stop);
        if (!place.Accept(turn.Ledger)) throw new FailureException(NeverCopied(config, name, place));
        return AcceptOutput.Show(shell, globals.Json(parsed), place.Shown, place.Then);
    }

    // What is no path was meant as a destination's name, unless copies went to a folder of that name.
    private static Failure NeverCopied(SyncConfig config, string name, PlaceToAccept place) =>
        Shell.IsPath(name) || config.Destinations.ContainsKey(name)
            ? CommandFailure.NothingToAccept($"Nothing was copied to {place.Shown} yet")
            : CommandFailure.DestinationUnknown(name, config.Destinations.Keys);
}
