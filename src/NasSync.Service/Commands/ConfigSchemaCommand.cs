using System.CommandLine;
using System.Text.Json.Nodes;
using NasSync.Config;

namespace NasSync.Service.Commands;

/// <summary><c>nassync config schema</c>: prints the JSON Schema, with which editors complete and check the file.</summary>
internal static class ConfigSchemaCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var command = new ListingCommand("schema", "Print the JSON Schema of the configuration, for editors.");
        command.SetAction(parsed =>
        {
            var schema = ConfigSchema.Json().TrimEnd();

            // One object is one line there, also this one.
            shell.Out.WriteLine(globals.Json(parsed) ? JsonNode.Parse(schema)!.ToJsonString() : schema);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
