using NasSync.Templates;

namespace NasSync.Config.Reading;

/// <summary>Reads the settings of <c>nas-sync.yaml</c>.</summary>
internal static class YamlSettings
{
    /// <summary>The only top-level key of the file; all settings are below it.</summary>
    public const string Root = "nasSync";

    /// <summary>Reads a whole file into the draft.</summary>
    public static void Read(string source, Node? document, ConfigDraft draft, ProblemList problems, PathResolver paths)
    {
        var top = new Place(source, 1, 1);
        if (document is ScalarNode { IsNull: true } or null)
        {
            problems.Error(top, Root, $"The file has no settings; write them below '{Root}:'.");
            return;
        }

        if (document is not MapNode map)
        {
            problems.Error(document.Place, Root, $"The file must be a mapping with the key '{Root}', not {document.Kind}.");
            return;
        }

        foreach (var entry in map.Entries.Where(entry => entry.Key != Root))
            problems.Error(entry.KeyPlace, entry.Key, $"There is no '{entry.Key}' at the top of the file; every setting stands below '{Root}:'.");
        if (map.Entries.FirstOrDefault(entry => entry.Key == Root) is not { } root) return;
        if (root.Value is MapNode settings) Apply(new MappingReader(settings, Root, problems, paths), draft);
        else problems.Error(root.Value.Place, Root, $"The settings stand below '{Root}:', indented by two spaces.");
    }

    /// <summary>Reads the settings below <see cref="Root"/> into the draft.</summary>
    public static void Apply(MappingReader root, ConfigDraft draft)
    {
        var config = draft.Config;
        var settle = root.Duration("settle", TimeSpan.Zero, Limits.LongestTime);
        draft.Config = config with
        {
            Enabled = root.Bool("enabled") ?? config.Enabled,
            OutputsDir = root.FullPath("outputsDir") ?? config.OutputsDir,
            Settle = settle ?? config.Settle,
            IsSettleGiven = settle is not null,
            SettleTimeout = root.Duration("settleTimeout", TimeSpan.Zero, Limits.LongestTime) ?? config.SettleTimeout,
            FinishedJobs = root.Object("finishedJobs", FinishedJobsText.Parse(root.Paths)) ?? config.FinishedJobs,
            RefuseHardLinks = root.Bool("refuseHardLinks") ?? config.RefuseHardLinks,
            FollowJobLinks = root.Bool("followJobLinks") ?? config.FollowJobLinks,
            WorkDir = root.FullPath("workDir") ?? config.WorkDir,
            Ledger = root.Object("ledger", LedgerText.Parse(root.Paths)) ?? config.Ledger,
            AllowNetworkWorkDir = root.Bool("allowNetworkWorkDir") ?? config.AllowNetworkWorkDir,
            LogFile = root.FullPath("logFile") ?? config.LogFile,
            DebugLog = root.FullPath("debugLog") ?? config.DebugLog,
            LogMaxSize = root.Value("logMaxSize", LogText.Size) ?? config.LogMaxSize,
            LogMaxAge = root.Value("logMaxAge", LogText.Age) ?? config.LogMaxAge,
            LogKeep = root.Number("logKeep", 1, Limits.MostLogFiles) ?? config.LogKeep,
            Method = root.Choice<TransferMethod>("method") ?? config.Method,
            FileMode = root.Object("fileMode", Texts.FileMode) ?? config.FileMode,
            DirMode = root.Object("dirMode", Texts.FolderMode) ?? config.DirMode,
            Owner = root.Object("owner", Texts.Account) ?? config.Owner,
            Group = root.Object("group", Texts.Account) ?? config.Group,
            Destinations = DestinationReader.Read(root.Mapping("destinations"), draft.DestinationNames),
            Transfers = root.Number("transfers", 1, Limits.MostTransfers) ?? config.Transfers,
            Retry = Retry(root.Mapping("retry"), config.Retry),
            BandwidthLimit = Bandwidth(root) ?? config.BandwidthLimit,
            Webhooks = [.. (root.Mappings("webhooks") ?? []).Select(Webhook).OfType<WebhookConfig>()],
            SkipOnMissingRemote = root.Bool("skipOnMissingRemote") ?? config.SkipOnMissingRemote,
            DryRun = root.Bool("dryRun") ?? config.DryRun,
            DaemonMode = root.Bool("daemonMode") ?? config.DaemonMode,
            PollInterval = root.Duration("pollInterval", Limits.ShortestPoll, Limits.LongestTime) ?? config.PollInterval,
            LogLevel = root.Choice<LogLevel>("logLevel") ?? config.LogLevel,
            MetricsPort = root.Number("metricsPort", 0, Limits.HighestPort) ?? config.MetricsPort,
            MetricsAddress = root.Object("metricsAddress", Texts.Address) ?? config.MetricsAddress,
            OtlpEndpoint = root.HttpUrl("otlpEndpoint") ?? config.OtlpEndpoint,
        };
        Roots(root.Mapping("remoteRoots"), draft);
        draft.Routes = RouteReader.Read(root) ?? draft.Routes;
        foreach (var key in root.Asked)
        {
            if (root.OriginOf(key) is { } origin) draft.Origins[key] = origin;
        }

        root.Finish();
    }

    private static IReadOnlyList<BandwidthRule>? Bandwidth(MappingReader root)
    {
        const string key = "bandwidthLimit";
        var rules = root.Objects(key, BandwidthText.Parse);
        if (rules?.Count(rule => rule.From is null) > 1) root.Error(key, "Two limits have no times; only one can hold at all others.");
        return rules;
    }

    private static RetryConfig Retry(MappingReader? map, RetryConfig retry)
    {
        if (map is null) return retry;
        retry = retry with
        {
            MaxAttempts = map.Number("maxAttempts", 1, Limits.MostAttempts) ?? retry.MaxAttempts,
            BaseDelay = map.Duration("baseDelay", TimeSpan.Zero, Limits.LongestTime) ?? retry.BaseDelay,
            MaxDelay = map.Duration("maxDelay", TimeSpan.Zero, Limits.LongestTime) ?? retry.MaxDelay,
        };
        if (retry.BaseDelay > retry.MaxDelay)
        {
            var (first, most) = (DurationText.Format(retry.BaseDelay), DurationText.Format(retry.MaxDelay));
            var given = map.OriginOf("baseDelay") is null ? "maxDelay" : "baseDelay";
            map.Error(given, $"The first delay ({first}) is longer than maxDelay ({most}); change one of them.");
        }

        map.Finish();
        return retry;
    }

    private static WebhookConfig? Webhook(MappingReader map)
    {
        map.Require("url", "write the address that is to be told.");
        var url = map.HttpUrl("url");
        var events = map.Objects("events", Texts.OneOf(WebhookEvents.All)) ?? WebhookEvents.Default;
        if (events.Count == 0 && map.Any("events") is ListNode { Items.Count: 0 })
            map.Error("events", "The list is empty; name an event or remove the key.");
        var secret = map.Secret("secret");
        map.Finish();
        return url is null ? null : new() { Url = url, Events = events, Secret = secret };
    }

    private static void Roots(MappingReader? map, ConfigDraft draft)
    {
        if (map is null) return;
        foreach (var entry in map.Entries)
        {
            var origin = new Origin(entry.Value.Place, map.PathOf(entry.Key));
            if (!Placeholder.IsKey(entry.Key))
                map.ErrorAtKey(entry, $"'{entry.Key}' cannot be a key of remoteRoots; use letters, digits, '_' and '-' only.");
            else if (draft.Roots.ContainsKey(entry.Key))
                map.ErrorAtKey(entry, $"There are two remote roots '{entry.Key}'; keys do not differ by case. Remove one.");

            // A root without a value is known but not set: routes that use it are skipped at run time, not refused here.
            var text = map.Any(entry.Key) is null ? "" : map.Object(entry.Key, Texts.AnyText) ?? "";
            draft.Roots[entry.Key] = new(text, origin, map.Paths);
            draft.Origins[$"remoteRoots.{entry.Key}"] = origin;
        }
    }
}
