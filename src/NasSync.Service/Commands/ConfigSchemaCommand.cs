using System.CommandLine;
using NasSync.Config;

namespace NasSync.Service.Commands;

/// <summary><c>nassync config schema</c>: prints the JSON Schema, with which editors complete and check the file.</summary>
internal static class ConfigSchemaCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell)
    {
        var command = new ListingCommand("schema", "Print the JSON Schema of the configuration, for editors.");
        command.SetAction(_ =>
        {
            shell.Out.WriteLine(ConfigSchema.Json().TrimEnd());
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
