using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary><c>nassync destination</c>: tests or accepts a place that copies go to.</summary>
internal static class DestinationCommand
{
    /// <summary>Creates the command with its subcommands.</summary>
    public static Command Create(Shell shell, GlobalOptions globals) =>
        new("destination", "Try a place that files are carried to, or accept one that was set up again.")
    {
        DestinationTestCommand.Create(shell, globals),
        DestinationAcceptCommand.Create(shell, globals),
    };
}
