using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary>A command whose only result is its output: when the output is lost, nothing was done.</summary>
internal sealed class ListingCommand(string name, string description) : Command(name, description)
{
    /// <summary>Whether a command line only requests text: a listing, a dry run, help, the version.</summary>
    public static bool Is(ParseResult parsed) =>
        parsed.CommandResult.Command is ListingCommand
        || parsed.Action is System.CommandLine.Help.HelpAction or NassyncApp.VersionAction
        || parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == "--dry-run") is Option<bool> dryRun
            && parsed.GetValue(dryRun);
}
