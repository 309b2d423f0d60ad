using NasSync.Config.Reading;

namespace NasSync.Config;

/// <summary>
/// Prints the effective configuration as a file with the same meaning. Secrets appear only as references; parts of addresses that may be secret are
/// hidden.
/// </summary>
public static class ConfigPrinter
{
    /// <summary>The whole configuration as YAML.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="origins"><see cref="ConfigResult.Origins"/>, for a comment beside each setting that names its origin; null writes no
    /// comments.</param>
    public static string Yaml(SyncConfig config, IReadOnlyDictionary<string, string>? origins = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var yaml = new YamlWriter(origins);
        yaml.Begin(YamlSettings.Root);
        yaml.Setting("enabled", config.Enabled);
        yaml.Setting("outputsDir", config.OutputsDir);
        yaml.Setting("settle", config.Settle);
        yaml.Setting("settleTimeout", config.SettleTimeout);
        yaml.Setting("finishedJobs", config.FinishedJobs);
        yaml.Setting("refuseHardLinks", config.RefuseHardLinks);
        yaml.Setting("followJobLinks", config.FollowJobLinks);
        yaml.Setting("workDir", config.WorkDir);
        yaml.Setting("ledger", config.Ledger);
        yaml.Setting("allowNetworkWorkDir", config.AllowNetworkWorkDir);
        yaml.Setting("logFile", config.LogFile);
        yaml.Setting("logMaxSize", SizeText.Format(config.LogMaxSize));
        yaml.Setting("logMaxAge", config.LogMaxAge);
        yaml.Setting("logKeep", config.LogKeep);
        yaml.Setting("debugLog", config.DebugLog);
        yaml.Setting("method", Texts.NameOf(config.Method));
        Roots(yaml, config);
        yaml.Setting("fileMode", config.FileMode);
        yaml.Setting("dirMode", config.DirMode);
        yaml.Setting("owner", config.Owner);
        yaml.Setting("group", config.Group);
        Destinations(yaml, config);
        Routes(yaml, config);
        yaml.Setting("transfers", config.Transfers);
        yaml.Setting("retry", ("maxAttempts", config.Retry.MaxAttempts), ("baseDelay", config.Retry.BaseDelay), ("maxDelay", config.Retry.MaxDelay));
        yaml.List("bandwidthLimit", [.. config.BandwidthLimit.Select(BandwidthText.Format)]);
        Webhooks(yaml, config);
        yaml.Setting("skipOnMissingRemote", config.SkipOnMissingRemote);
        yaml.Setting("dryRun", config.DryRun);
        yaml.Setting("daemonMode", config.DaemonMode);
        yaml.Setting("pollInterval", config.PollInterval);
        yaml.Setting("logLevel", Texts.NameOf(config.LogLevel));
        yaml.Setting("metricsPort", config.MetricsPort);
        yaml.Setting("metricsAddress", config.MetricsAddress);
        yaml.Setting("otlpEndpoint", config.OtlpEndpoint);
        return yaml.ToString();
    }

    private static void Roots(YamlWriter yaml, SyncConfig config)
    {
        yaml.Begin("remoteRoots", config.RemoteRoots.Count);
        foreach (var (key, root) in config.RemoteRoots.OrderBy(root => root.Key, StringComparer.OrdinalIgnoreCase))
            yaml.Setting(key, root.Length == 0 ? null : root, $"remoteRoots.{key}");
        yaml.End(config.RemoteRoots.Count);
    }

    private static void Destinations(YamlWriter yaml, SyncConfig config)
    {
        yaml.Begin("destinations", config.Destinations.Count);
        foreach (var destination in config.Destinations.Values.OrderBy(destination => destination.Name, StringComparer.OrdinalIgnoreCase))
        {
            (string Type, (string, object?)[] Keys) own = destination switch
            {
                LocalDestinationConfig local => ("local", [("root", local.Root), .. Rights(local.FileMode, local.DirMode, local.Owner, local.Group)]),
                RsyncDestinationConfig rsync =>
                    ("rsync", [("target", rsync.Target), ("compress", rsync.Compress), ("fileMode", rsync.FileMode), ("password", rsync.Password)]),
                SftpDestinationConfig sftp => ("sftp", Sftp(sftp)),
                S3DestinationConfig s3 => ("s3", S3(s3)),
                _ => throw new InvalidOperationException($"Unknown destination {destination.GetType().Name}."),
            };
            object? limit = destination.BandwidthLimit is { } bytes ? SizeText.Format(bytes) : null;
            yaml.Setting(destination.Name, [("type", own.Type), .. own.Keys, ("bandwidthLimit", limit)]);
        }

        yaml.End(config.Destinations.Count);
    }

    private static (string, object?)[] Rights(string? fileMode, string? dirMode, string? owner, string? group) =>
        [("fileMode", fileMode), ("dirMode", dirMode), ("owner", owner), ("group", group)];

    private static (string, object?)[] Sftp(SftpDestinationConfig sftp) =>
    [
        ("host", sftp.Host), ("port", sftp.Port), ("user", sftp.User), ("identityFile", sftp.IdentityFile), ("knownHosts", sftp.KnownHosts),
        ("password", sftp.Password), ("root", sftp.Root), ("connections", sftp.Connections), ("ciphers", sftp.Ciphers),
        .. Rights(sftp.FileMode, sftp.DirMode, sftp.Owner, sftp.Group),
    ];

    private static (string, object?)[] S3(S3DestinationConfig s3) =>
    [
        ("bucket", s3.Bucket), ("prefix", s3.Prefix), ("region", s3.Region), ("endpoint", s3.Endpoint), ("accessKeyId", s3.AccessKeyId),
        ("secretAccessKey", s3.SecretAccessKey), ("storageClass", s3.StorageClass), ("serverSideEncryption", s3.ServerSideEncryption),
        ("kmsKeyId", s3.KmsKeyId),
        ("contentTypes", s3.ContentTypes.OrderBy(type => type.Key, StringComparer.Ordinal).Select(type => (type.Key, (object?)type.Value)).ToArray()),
        ("partSize", s3.PartSize is { } bytes ? SizeText.Format(bytes) : null),
    ];

    private static void Routes(YamlWriter yaml, SyncConfig config)
    {
        // Explicit routes must name existing remote roots, the default routes need not. Written as settings, the defaults could fail to load, so they
        // are comments.
        yaml.AsComment = ReferenceEquals(config.Routes, SyncConfig.DefaultRoutes);
        yaml.Begin("routes", config.Routes.Count);
        foreach (var route in config.Routes)
        {
            yaml.Item(("match", new[] { ("kind", (object?)route.Kind), ("variant", route.Variant) }), ("to", route.To), ("as", route.As));
            yaml.More(
                ("onConflict", Texts.NameOf(route.OnConflict)),
                ("verify", Texts.NameOf(route.Verify)),
                ("release", Texts.NameOf(route.Release)));
        }

        yaml.End(config.Routes.Count);
        yaml.AsComment = false;
    }

    private static void Webhooks(YamlWriter yaml, SyncConfig config)
    {
        yaml.Begin("webhooks", config.Webhooks.Count, list: true);
        foreach (var hook in config.Webhooks) yaml.Item(("url", hook.Url), ("events", hook.Events), ("secret", hook.Secret));
        yaml.End(config.Webhooks.Count);
    }
}
