namespace NasSync.Config.Reading;

/// <summary>
/// The defaults when there is no file and the variables are the whole configuration, as in a container. They match the earlier service whose
/// variables NasSync adopted, so that its compose files keep their meaning.
/// </summary>
internal static class VariablesAlone
{
    // Excludes AWS_* and variables that only NasSync knows: they may be set for a configuration file that is not named yet.
    private static readonly string[] Names =
    [
        "OUTPUTS_DIR", "NAS_SYNC_WORK_DIR", "NAS_SYNC_LOG_FILE", "NAS_SYNC_METHOD", "NAS_SYNC_ROUTES", "NAS_RSYNC_BW_LIMIT", "NAS_RSYNC_COMPRESS",
        "NAS_S3_BUCKET", "NAS_S3_PREFIX", "NAS_S3_REGION", "NAS_S3_ENDPOINT", "NAS_SCP_HOST", "NAS_SCP_USER", "NAS_SCP_KEY",
        "NAS_SKIP_ON_MISSING_REMOTE", "NAS_DRY_RUN", "NAS_DAEMON_MODE", "NAS_POLL_INTERVAL_SEC", "NAS_LOG_LEVEL",
    ];

    /// <summary>Whether one of the variables is set and not empty.</summary>
    public static bool AreSet(IReadOnlyDictionary<string, string> variables) =>
        Names.Any(name => variables.TryGetValue(name, out var text) && text.Length > 0)
        || variables.Any(pair => pair.Key.StartsWith(EnvironmentSettings.RootPrefix, StringComparison.OrdinalIgnoreCase) && pair.Value.Length > 0);

    /// <summary>Applies the defaults, before the variables are read.</summary>
    public static void Apply(ConfigDraft draft, PathResolver paths)
    {
        draft.Config = draft.Config with
        {
            OutputsDir = paths.Full("/data/outputs").Value,
            WorkDir = paths.Full("/data/nas-sync-work").Value,
            LogFile = paths.Full("/data/logs/nas-sync.jsonl").Value,
            Method = TransferMethod.Rsync,
            DaemonMode = true,
        };
        Set("outputsDir", "OUTPUTS_DIR");
        Set("workDir", "NAS_SYNC_WORK_DIR");
        Set("logFile", "NAS_SYNC_LOG_FILE");
        Set("method", "NAS_SYNC_METHOD");
        Set("daemonMode", "NAS_DAEMON_MODE");

        void Set(string setting, string variable) => draft.Origins[setting] = EnvironmentReader.OriginOf(variable) with { IsDefault = true };
    }
}
