using System.CommandLine;
using NasSync.Destinations.Places;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary><c>nassync destination accept</c>: accepts the current folder at a root as the right one, after the place was set up anew.</summary>
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
        if (PlaceToAccept.Of(config, name, shell.FullPath) is not { } place)
        {
            shell.Error.WriteLine(SafeText.Show($"{name} is a bucket and no folder, so there is nothing to accept."));
            return ExitCode.Usage;
        }

        using var turn = await WaitOption.TakeTurnAsync(shell, config, wait, stop);
        if (!place.Accept(turn.Ledger))
        {
            shell.Error.WriteLine(
                SafeText.Show($"Nothing was copied to {place.Shown} yet, so there is nothing to accept; 'nassync status' lists the places."));
            return ExitCode.Usage;
        }

        shell.Out.WriteLine(SafeText.Show(place.Then));
        return ExitCode.Ok;
    }
}
