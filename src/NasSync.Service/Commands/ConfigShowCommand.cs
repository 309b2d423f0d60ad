using System.CommandLine;
using NasSync.Config;
using NasSync.Service.Output;

namespace NasSync.Service.Commands;

/// <summary>
/// <c>nassync config show</c>: prints the effective configuration, after defaults, file and environment, with the origin of each setting.
/// </summary>
internal static class ConfigShowCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Shell shell, GlobalOptions globals)
    {
        var command = new ListingCommand("show", "Print the effective configuration, from file and environment; secrets stay references.");
        command.SetAction(parsed => (int)Show(shell, globals, parsed));
        return command;
    }

    private static ExitCode Show(Shell shell, GlobalOptions globals, ParseResult parsed)
    {
        var result = globals.Read(parsed);
        globals.ShowProblems(parsed, result);
        if (result.Config is not { } config) return ExitCode.ConfigInvalid;
        var origins = new Dictionary<string, string>(result.Origins, StringComparer.OrdinalIgnoreCase);
        if (globals.LogLevel(parsed) is { } level) (config, origins["logLevel"]) = (config with { LogLevel = level }, "--log-level");
        if (globals.DebugLogFile(parsed) is { } debugLog) (config, origins["debugLog"]) = (config with { DebugLog = debugLog }, "--debug-log");
        if (!globals.Json(parsed))
        {
            shell.Out.Write(ConfigPrinter.Yaml(config, origins));
            return ExitCode.Ok;
        }

        JsonLines.Write(shell.Out, "config", json =>
        {
            json.WriteString("file", config.File);
            YamlAsJson.WriteMembers(json, ConfigPrinter.Yaml(config));
            json.WriteStartObject("origins");
            foreach (var (setting, origin) in origins) json.WriteString(setting, origin);
            json.WriteEndObject();
        });
        return ExitCode.Ok;
    }
}
