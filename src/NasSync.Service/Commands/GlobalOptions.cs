using System.CommandLine;
using NasSync.Config;
using NasSync.Files;
using NasSync.Service.Output;
using NasSync.Transfers;

namespace NasSync.Service.Commands;

/// <summary>The options of all commands, and the configuration that they select.</summary>
internal sealed class GlobalOptions(Shell shell)
{
    private static readonly string[] Levels = [.. Enum.GetNames<Config.LogLevel>().Select(name => name.ToLowerInvariant())];

    private bool _wasRead;

    private readonly Option<string?> _config = new("--config")
    {
        Description =
            "The configuration file. Without it: NAS_SYNC_CONFIG_PATH, else nas-sync.yaml here or beside the "
                + "outputs folder, else the environment alone.",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object per line on standard output; text for people goes to standard error.",
        Recursive = true,
    };

    private readonly Option<Config.LogLevel?> _logLevel = new("--log-level")
    {
        Description = "How much is printed and logged: debug (with each decision and each request to a server), info, warning or error.",
        HelpName = "LEVEL",
        Recursive = true,
        CustomParser = result =>
        {
            var word = result.Tokens[0].Value;
            if (Levels.Contains(word, StringComparer.OrdinalIgnoreCase)) return Enum.Parse<Config.LogLevel>(word, ignoreCase: true);
            result.AddError($"'{word}' is no log level: write one of {string.Join(", ", Levels)}.");
            return null;
        },
    };

    private readonly Option<string?> _debugLog = new("--debug-log")
    {
        Description = "Append each decision and each request to a server to FILE. Default: debugLog of the configuration, otherwise no file.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Whether the last JSON line was written; an error after that writes no other.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Adds the options to every command of the tree.</summary>
    public void AddTo(RootCommand root)
    {
        root.Options.Add(_config);
        root.Options.Add(_json);
        root.Options.Add(_logLevel);
        root.Options.Add(_debugLog);
    }

    /// <summary>Whether standard output is JSON lines for a program.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The requested log level; null when there is none, or the word is invalid.</summary>
    public Config.LogLevel? LogLevel(ParseResult parsed) =>
        parsed.GetResult(_logLevel) is { Errors: var errors } && !errors.Any() ? parsed.GetValue(_logLevel) : null;

    /// <summary>Whether diagnostic messages are shown; then no progress is drawn, which they would garble.</summary>
    public bool ShowsDebug(ParseResult parsed) => LogLevel(parsed) == Config.LogLevel.Debug;

    /// <summary>The file that was named for diagnostic messages, as a full path; null when none was.</summary>
    public string? DebugLogFile(ParseResult parsed) => parsed.GetValue(_debugLog) is { Length: > 0 } file ? shell.FullPath(file) : null;

    /// <summary>Where diagnostic messages go: to standard error, to the configuration's file, to both, or nowhere.</summary>
    public DebugLog Log(ParseResult parsed, SyncConfig config)
    {
        Action<string>? show = ShowsDebug(parsed) ? message => shell.Error.WriteLine(SafeText.Show($"debug: {message}")) : null;
        return DebugLog.Of(config, show, shell.Warn, shell.Time);
    }

    /// <summary>Finds and reads the configuration; returns all its problems.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="startPath">The path to sync: the configuration may lie beside it; null when no path is given.</param>
    /// <param name="variables">The environment that applies; null means this process's own.</param>
    public ConfigResult Read(ParseResult parsed, string? startPath = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        // Later reads happen during the work, so only the first one comes before it.
        using var waits = _wasRead ? null : shell.BeforeWork?.Invoke();
        _wasRead = true;
        var location = Locate(parsed, startPath);
        var result = ConfigLoader.Load(new ConfigSources
        {
            FilePath = location.Path,
            Environment = variables ?? shell.Environment,
            CurrentFolder = shell.CurrentFolder,
        });
        return location.Warning is { } warning ? result with { Problems = [warning, .. result.Problems] } : result;
    }

    /// <summary>The file that <c>--config</c> names, as it was given; null without the option.</summary>
    public string? Given(System.CommandLine.Parsing.CommandResult result) => result.GetValue(_config);

    /// <summary>
    /// The file that <c>--config</c> names, as a full path, for a command that runs later; null when it was not given, or when it is a
    /// pipe of this call.
    /// </summary>
    public string? Carried(ParseResult parsed) =>
        parsed.GetResult(_config) is { Implicit: false, Errors: var errors } && !errors.Any()
            && parsed.GetValue(_config) is { Length: > 0 } given && shell.FullPath(given) is var full && !NamedFile.IsHanded(full)
            ? full
            : null;

    /// <summary>The configuration file as a full path; null when the configuration comes from the environment alone.</summary>
    public string? File(ParseResult parsed) => Locate(parsed, null).Path;

    private ConfigLocation Locate(ParseResult parsed, string? startPath) =>
        ConfigLocator.Locate(parsed.GetValue(_config), shell.Environment, shell.CurrentFolder, startPath);

    /// <summary>The configuration, or null when it is invalid; shows its problems either way.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    public SyncConfig? Load(ParseResult parsed, string? startPath = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        var result = Read(parsed, startPath, variables);
        ShowProblems(parsed, result);
        if (result.Config is null) return null;
        var config = LogLevel(parsed) is { } level ? result.Config with { LogLevel = level } : result.Config;
        return DebugLogFile(parsed) is { } file ? config with { DebugLog = file } : config;
    }

    /// <summary>Shows the configuration's problems: always to people, and with <c>--json</c> also as lines.</summary>
    public void ShowProblems(ParseResult parsed, ConfigResult result)
    {
        var json = Json(parsed);
        foreach (var problem in result.Problems)
        {
            shell.Error.WriteLine(SafeText.Show(problem.ToString()));
            if (json) JsonLines.Write(shell.Out, problem);
        }
    }
}
