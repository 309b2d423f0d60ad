using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary><c>nassync destination</c>: the places that files are carried to.</summary>
internal static class DestinationCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create(Shell shell, GlobalOptions globals) =>
        new("destination", "Try a place that files are carried to, or accept one that was set up anew.")
    {
        DestinationTestCommand.Create(shell, globals),
        DestinationAcceptCommand.Create(shell, globals),
    };
}
