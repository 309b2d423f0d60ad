namespace NasSync.Config.Reading;

/// <summary>
/// The defaults that hold where there is no file and variables are the configuration, as in a container: those of the service whose
/// variables NasSync took over, so that its compose files mean what they meant.
/// </summary>
internal static class VariablesAlone
{
    // AWS_* and variables that only NasSync has are not among them: they may be there for a configuration that is yet to be named.
    private static readonly string[] Names =
    [
        "OUTPUTS_DIR", "NAS_SYNC_WORK_DIR", "NAS_SYNC_LOG_FILE", "NAS_SYNC_METHOD", "NAS_SYNC_ROUTES", "NAS_RSYNC_BW_LIMIT", "NAS_RSYNC_COMPRESS",
        "NAS_S3_BUCKET", "NAS_S3_PREFIX", "NAS_S3_REGION", "NAS_S3_ENDPOINT", "NAS_SCP_HOST", "NAS_SCP_USER", "NAS_SCP_KEY",
        "NAS_SKIP_ON_MISSING_REMOTE", "NAS_DRY_RUN", "NAS_DAEMON_MODE", "NAS_POLL_INTERVAL_SEC", "NAS_LOG_LEVEL",
    ];

    /// <summary>Whether one of the variables is set, that is, not empty.</summary>
    public static bool AreSet(IReadOnlyDictionary<string, string> variables) =>
        Names.Any(name => variables.TryGetValue(name, out var text) && text.Length > 0)
        || variables.Any(pair => pair.Key.StartsWith(EnvironmentSettings.RootPrefix, StringComparison.OrdinalIgnoreCase) && pair.Value.Length > 0);

    /// <summary>Lays the defaults below what the variables say.</summary>
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
