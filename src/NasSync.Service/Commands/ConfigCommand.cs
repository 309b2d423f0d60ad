using System.CommandLine;

namespace NasSync.Service.Commands;

/// <summary><c>nassync config</c>: checks, shows, describes or creates a configuration.</summary>
internal static class ConfigCommand
{
    /// <summary>Creates the command with its subcommands.</summary>
    public static Command Create(Shell shell, GlobalOptions globals) => new("config", "Check, show, describe or begin a configuration.")
    {
        ConfigCheckCommand.Create(shell, globals),
        ConfigShowCommand.Create(shell, globals),
        ConfigSchemaCommand.Create(shell, globals),
        ConfigInitCommand.Create(shell, globals),
    };
}
