using System.Globalization;

namespace NasSync.Config.Reading;

/// <summary>Applies the environment variables on top of the file's settings.</summary>
internal static class EnvironmentSettings
{
    public const string RootPrefix = "NAS_REMOTE_ROOT_";

    private const string Routes = "NAS_SYNC_ROUTES";

    // The destinations themselves read these variables, which name the ssh and rsync programs.
    private static readonly string[] Programs = ["NASSYNC_SSH", "NASSYNC_RSYNC"];

    // The standard name, which every OpenTelemetry program uses.
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void Apply(EnvironmentReader environment, ConfigDraft draft, ProblemList problems)
    {
        environment.Raw(ConfigLocator.Variable);
        foreach (var program in Programs) environment.Text(program);
        var config = draft.Config;
        draft.Config = config = config with
        {
            Enabled = environment.Bool("NAS_SYNC_ENABLED", "enabled") ?? config.Enabled,
            OutputsDir = environment.FullPath("OUTPUTS_DIR", "outputsDir") ?? config.OutputsDir,
            WorkDir = environment.FullPath("NAS_SYNC_WORK_DIR", "workDir") ?? config.WorkDir,
            Ledger = environment.Object(LedgerText.Variable, "ledger", LedgerText.ParseVariable(environment.Paths)) ?? config.Ledger,
            LogFile = environment.FullPath("NAS_SYNC_LOG_FILE", "logFile") ?? config.LogFile,
            DebugLog = environment.FullPath("NAS_SYNC_DEBUG_LOG", "debugLog") ?? config.DebugLog,
            LogMaxSize = environment.Value("NAS_SYNC_LOG_MAX_SIZE", "logMaxSize", LogText.Size) ?? config.LogMaxSize,
            LogMaxAge = environment.Value("NAS_SYNC_LOG_MAX_AGE", "logMaxAge", LogText.Age) ?? config.LogMaxAge,
            LogKeep = environment.Value("NAS_SYNC_LOG_KEEP", "logKeep", Texts.Number(1, Limits.MostLogFiles)) ?? config.LogKeep,
            Method = environment.Value("NAS_SYNC_METHOD", "method", Texts.Choice<TransferMethod>) ?? config.Method,
            SkipOnMissingRemote = environment.Bool("NAS_SKIP_ON_MISSING_REMOTE", "skipOnMissingRemote") ?? config.SkipOnMissingRemote,
            DryRun = environment.Bool("NAS_DRY_RUN", "dryRun") ?? config.DryRun,
            DaemonMode = environment.Bool("NAS_DAEMON_MODE", "daemonMode") ?? config.DaemonMode,
            PollInterval = environment.Value("NAS_POLL_INTERVAL_SEC", "pollInterval", Seconds) ?? config.PollInterval,
            LogLevel = environment.Value("NAS_LOG_LEVEL", "logLevel", Texts.Choice<LogLevel>) ?? config.LogLevel,
            MetricsPort = environment.Value("NAS_METRICS_PORT", "metricsPort", Texts.Number(0, Limits.HighestPort)) ?? config.MetricsPort,
            MetricsAddress = environment.Object("NAS_METRICS_ADDRESS", "metricsAddress", Texts.Address) ?? config.MetricsAddress,
            OtlpEndpoint = Otlp(environment, draft, problems) ?? config.OtlpEndpoint,
        };
        var methods = MethodVariables.Read(environment, config.Method, problems);
        draft.Config = config with { Destinations = MethodDestination.Complete(config, methods) };
        if (draft.Config.DefaultDestination is { } destination) draft.DestinationNames.Add(destination.Name);

        foreach (var (name, key, text) in environment.Family(RootPrefix))
            Root(name, key.ToLowerInvariant(), text, draft, problems, environment.Paths);
        if (RoutesText(environment) is { } json && JsonComposer.Compose(Routes, json, problems) is { } node)
        {
            draft.Routes = RouteReader.Read(node, Routes, problems, environment.Paths);
            draft.Origins["routes"] = EnvironmentReader.OriginOf(Routes);
        }

        environment.Finish();
    }

    // Unquoted JSON may have blanks around it; quoted JSON would be a single string, so StrayText reports it.
    private static string? RoutesText(EnvironmentReader environment) =>
        environment.Raw(Routes) is { } json && json.TrimStart() is ['[' or '{', ..] ? json : environment.Text(Routes);

    // Other programs use this variable too, so a value that NasSync cannot use is only a warning.
    private static Uri? Otlp(EnvironmentReader environment, ConfigDraft draft, ProblemList problems)
    {
        if (environment.Raw(OtlpEndpoint) is not { } text) return null;
        var (url, problem) = StrayText.OfVariable(OtlpEndpoint, text) is { } stray ? Parsed<Uri>.Wrong(stray) : Texts.HttpUrl(text);
        if (problem is null) draft.Origins["otlpEndpoint"] = EnvironmentReader.OriginOf(OtlpEndpoint);
        else problems.Warning(EnvironmentReader.OriginOf(OtlpEndpoint).Place, OtlpEndpoint, $"{problem} Until then it is not heeded.");
        return problem is null ? url : null;
    }

    private static void Root(string name, string key, string text, ConfigDraft draft, ProblemList problems, PathResolver paths)
    {
        var origin = EnvironmentReader.OriginOf(name);
        if (!Templates.Placeholder.IsKey(key))
        {
            problems.Error(origin, $"'{key}' cannot be a key of remoteRoots; use letters, digits, '_' and '-' only.");
            return;
        }

        // An empty variable counts as unset, so the file's root stays; without one, the key becomes known but not set.
        if (text.Length == 0 && draft.Roots.ContainsKey(key)) return;
        if (text.Length > 0 && StrayText.OfVariable(name, text) is { } stray)
        {
            problems.Error(origin, stray);
            text = "";
        }

        if (Texts.AnyText(text) is { Problem: { } problem }) problems.Error(origin, problem);
        draft.Roots[key] = new(text, origin, paths);
        draft.Origins[$"remoteRoots.{key}"] = origin;
    }

    private static Parsed<TimeSpan> Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? DurationText.Between(Limits.ShortestPoll, Limits.LongestTime)(text)
            : Parsed<TimeSpan>.Wrong($"'{text}' is no number of seconds; write for example 5.");
}
