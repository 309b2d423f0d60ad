using NasSync.Config;
using NasSync.Config.Reading;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>The environment alone and over a file.</summary>
public sealed class EnvironmentTests
{
    /// <summary>Every variable: a value, what of the configuration shows it, what it then says, and what it says by default.</summary>
    public static TheoryData<string, string, string, string?, string?> Table => new()
    {
        { "NAS_SYNC_ENABLED", "false", nameof(SyncConfig.Enabled), "False", "True" },
        { "OUTPUTS_DIR", "/data/outputs", nameof(SyncConfig.OutputsDir), "/data/outputs", null },
        { "NAS_SYNC_WORK_DIR", "/data/nas-sync-work", nameof(SyncConfig.WorkDir), "/data/nas-sync-work", "CURRENT/nas-sync-work" },
        { "NAS_SYNC_LOG_FILE", "/data/logs/nas-sync.jsonl", nameof(SyncConfig.LogFile), "/data/logs/nas-sync.jsonl", null },
        { "NAS_SYNC_LOG_MAX_SIZE", "1GiB", nameof(SyncConfig.LogMaxSize), "1073741824", "52428800" },
        { "NAS_SYNC_LOG_MAX_AGE", "0", nameof(SyncConfig.LogMaxAge), "00:00:00", "7.00:00:00" },
        { "NAS_SYNC_LOG_KEEP", "30", nameof(SyncConfig.LogKeep), "30", "5" },
        { "NAS_SYNC_DEBUG_LOG", "/d/debug.log", nameof(SyncConfig.DebugLog), "/d/debug.log", null },
        { "NAS_METRICS_PORT", "9469", nameof(SyncConfig.MetricsPort), "9469", "0" },
        { "NAS_METRICS_ADDRESS", "192.0.2.7", nameof(SyncConfig.MetricsAddress), "192.0.2.7", "127.0.0.1" },
        { "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", nameof(SyncConfig.OtlpEndpoint), "http://collector:4318/", null },
        { "NAS_SYNC_LEDGER", "Host=db;Password=canary", nameof(SyncConfig.Ledger), "env:NAS_SYNC_LEDGER", null },
        { "NAS_SYNC_LEDGER", "Host=db;Database=nassync", nameof(SyncConfig.Ledger), "Host=db;Database=nassync", null },
        { "NAS_SYNC_LEDGER", "file:/etc/ledger", nameof(SyncConfig.Ledger), "file:/etc/ledger", null },
        { "NAS_SYNC_METHOD", "rsync", nameof(SyncConfig.Method), "Rsync", "Local" },
        {
            "NAS_SYNC_ROUTES", """[{"kind":"audio","to":"/x"}]""", nameof(SyncConfig.Routes), "audio/* -> /x",
            "audio/instrumental -> ${remoteRoots.audio}/Instrumental, audio/no_drums -> ${remoteRoots.audio}/Instrumental (no drums), "
                + "audio/drums_only -> ${remoteRoots.audio}/Drums only, video/source -> ${remoteRoots.video}"
        },
        { "NAS_REMOTE_ROOT_AUDIO", "/mnt/a", nameof(SyncConfig.RemoteRoots), "audio=/mnt/a", "" },
        { "NAS_REMOTE_ROOT_MY_STEMS", "/mnt/s", nameof(SyncConfig.RemoteRoots), "my_stems=/mnt/s", "" },
        { "NAS_SKIP_ON_MISSING_REMOTE", "false", nameof(SyncConfig.SkipOnMissingRemote), "False", "True" },
        { "NAS_DRY_RUN", "true", nameof(SyncConfig.DryRun), "True", "False" },
        { "NAS_DAEMON_MODE", "true", nameof(SyncConfig.DaemonMode), "True", "False" },
        { "NAS_POLL_INTERVAL_SEC", "7", nameof(SyncConfig.PollInterval), "00:00:07", "00:00:05" },
        { "NAS_LOG_LEVEL", "WARNING", nameof(SyncConfig.LogLevel), "Warning", "Info" },
        { "NAS_SYNC_CONFIG_PATH", "/etc/nas-sync.yaml", nameof(SyncConfig.File), null, null },
    };

    /// <summary>Every variable of a method: the variable that chooses the method, those it needs, and what of the destination shows it.</summary>
    public static TheoryData<string, string, string, string, string, string?, string?> MethodTable => new()
    {
        { "rsync", "", "NAS_RSYNC_BW_LIMIT", "5000", nameof(DestinationConfig.BandwidthLimit), "5120000", null },
        { "rsync", "", "NAS_RSYNC_BW_LIMIT", "0", nameof(DestinationConfig.BandwidthLimit), null, null },
        { "rsync", "", "NAS_RSYNC_COMPRESS", "true", nameof(RsyncDestinationConfig.Compress), "True", "False" },
        { "scp", "NAS_SCP_HOST=nas", "NAS_SCP_HOST", "nas.example.com", nameof(SftpDestinationConfig.Host), "nas.example.com", "nas" },
        { "scp", "NAS_SCP_HOST=nas", "NAS_SCP_USER", "sync_user", nameof(SftpDestinationConfig.User), "sync_user", null },
        { "sftp", "NAS_SCP_HOST=nas", "NAS_SCP_KEY", "~/.ssh/id", nameof(SftpDestinationConfig.IdentityFile), "/home/me/.ssh/id", null },
        { "s3", "NAS_S3_BUCKET=media", "NAS_S3_BUCKET", "other", nameof(S3DestinationConfig.Bucket), "other", "media" },
        { "s3", "NAS_S3_BUCKET=media", "NAS_S3_PREFIX", "/artifacts/", nameof(S3DestinationConfig.Prefix), "artifacts", "" },
        { "s3", "NAS_S3_BUCKET=media", "NAS_S3_REGION", "eu-west-1", nameof(S3DestinationConfig.Region), "eu-west-1", null },
        {
            "s3", "NAS_S3_BUCKET=media", "NAS_S3_ENDPOINT", "https://minio.example.com", nameof(S3DestinationConfig.Endpoint),
            "https://minio.example.com/", null
        },
        {
            "s3", "NAS_S3_BUCKET=media,AWS_SECRET_ACCESS_KEY=x", "AWS_ACCESS_KEY_ID", "AKIA", nameof(S3DestinationConfig.AccessKeyId),
            "env:AWS_ACCESS_KEY_ID", null
        },
        {
            "s3", "NAS_S3_BUCKET=media,AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY", "secret", nameof(S3DestinationConfig.SecretAccessKey),
            "env:AWS_SECRET_ACCESS_KEY", null
        },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_variable_alone_sets_its_setting(string name, string value, string property, string? expected, string? byDefault)
    {
        using var folder = new TempFolder();
        Assert.Equal(byDefault, Show(property, folder));
        Assert.Equal(byDefault, Show(property, folder, (name, "")));
        Assert.Equal(expected, Show(property, folder, (name, value)));
    }

    [Theory]
    [MemberData(nameof(MethodTable))]
    public void A_variable_describes_the_place_of_plain_paths(
        string method, string others, string name, string value, string property, string? expected, string? byDefault)
    {
        (string, string)[] needed = [
            ("NAS_SYNC_METHOD", method),
            .. others.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(o => (o.Split('=')[0], o.Split('=')[1])),
        ];

        Assert.Equal(byDefault, ShowDefault(property, needed));
        Assert.Equal(expected, ShowDefault(property, [.. needed.Where(n => n.Item1 != name), (name, value)]));
    }

    [Fact]
    public void The_tables_hold_every_variable_that_is_read()
    {
        var (draft, problems) = (new ConfigDraft(new() { WorkDir = "/" }), new ProblemList());
        var reader = new EnvironmentReader(
            new Dictionary<string, string> { ["NAS_REMOTE_ROOT_AUDIO"] = "/a", ["NAS_REMOTE_ROOT_MY_STEMS"] = "/b" },
            draft,
            problems,
            new("/", null));
        EnvironmentSettings.Apply(reader, draft, problems);

        // Only whether there is a session token is looked at, to leave such credentials to the AWS chain; and the programs, whether they are in
        // quotes.
        string[] others = ["AWS_SESSION_TOKEN", "NASSYNC_SSH", "NASSYNC_RSYNC"];
        var tables = Table.Select(row => row.Data.Item1).Concat(MethodTable.Select(row => row.Data.Item3)).Concat(others);
        Assert.Equal(tables.Distinct().Order(), reader.Asked.Order());
    }

    [Fact]
    public void The_environment_wins_over_the_file()
    {
        var config = ConfigText.Good(
            """
            nasSync:
              transfers: 9
              logLevel: error
              dryRun: true
              remoteRoots: { audio: /file/a, video: /file/v }
              routes: [ { kind: video, to: /x } ]
            """,
            ("NAS_LOG_LEVEL", "debug"), ("NAS_DRY_RUN", "no"), ("NAS_REMOTE_ROOT_AUDIO", "/env/a"), ("NAS_REMOTE_ROOT_VIDEO", ""),
            ("NAS_SYNC_ROUTES", """[{"kind":"audio","variant":"instrumental","to":"/y"}]"""));

        Assert.Equal((9, LogLevel.Debug, false), (config.Transfers, config.LogLevel, config.DryRun));
        Assert.Equal(("/env/a", "/file/v"), (config.RemoteRoots["AUDIO"], config.RemoteRoots["video"]));
        Assert.Equal("route 1 (audio/instrumental)", Assert.Single(config.Routes).ToString());
    }

    [Fact]
    public void The_environment_completes_the_destination_named_like_the_method()
    {
        var config = ConfigText.Good(
            "nasSync: { method: scp, destinations: { sftp: { type: sftp, host: file, port: 2222, root: /srv } } }",
            ("NAS_SCP_HOST", "env"), ("NAS_SCP_USER", "me"));

        Assert.Equal(new SftpDestinationConfig { Name = "sftp", Host = "env", Port = 2222, User = "me", Root = "/srv" }, config.DefaultDestination);
        Assert.Same(config.DefaultDestination, config.Destinations["sftp"]);
    }

    [Fact]
    public void With_rsync_each_remote_root_is_a_target_of_its_own()
    {
        var config = ConfigText.Good(null, ("NAS_SYNC_METHOD", "rsync"), ("NAS_REMOTE_ROOT_AUDIO", "me@nas:/volume1/audio"));

        Assert.Equal("me@nas:/volume1/audio", config.RemoteRoots["audio"]);
        Assert.Equal(new RsyncDestinationConfig { Name = "rsync", Target = "" }, config.DefaultDestination);
    }

    [Fact]
    public void An_empty_root_is_known_but_not_set()
    {
        Assert.Equal("", ConfigText.Good(null, ("NAS_REMOTE_ROOT_AUDIO", "")).RemoteRoots["audio"]);
        Assert.Equal(
            "", ConfigText.Good("nasSync: { remoteRoots: { audio: }, routes: [ { kind: a, to: '${remoteRoots.audio}/x' } ] }").RemoteRoots["audio"]);
    }

    [Fact]
    public void Secrets_of_the_environment_are_never_copied()
    {
        var result = ConfigText.Load(
            null, ("NAS_SYNC_METHOD", "s3"), ("NAS_S3_BUCKET", "media"), ("AWS_ACCESS_KEY_ID", "canary-1"), ("AWS_SECRET_ACCESS_KEY", "canary-2"));

        Assert.DoesNotContain("canary", ConfigPrinter.Yaml(result.Config!, result.Origins), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", result.Config!.ToString() + result.Config.DefaultDestination, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nasSync: { ledger: 'Host=db;Password=canary' }")]
    [InlineData("nasSync: { ledger: 'postgres://u:canary@db/nassync' }")]
    [InlineData("nasSync: { otlpEndpoint: 'http://u:canary@x' }")]
    [InlineData("nasSync: { webhooks: [ { url: 'https://u:canary@x' } ] }")]
    [InlineData("nasSync: { webhooks: [ { url: 'https://x', secret: canary } ] }")]
    [InlineData("nasSync: { destinations: { nas: { type: sftp, host: 'u:canary@nas', root: /x } } }")]
    [InlineData("nasSync: { destinations: { nas: { type: rsync, target: 'rsync://u:canary@nas/m' } } }")]
    [InlineData("nasSync: { destinations: { nas: { type: rsync, target: 'u:canary@nas::m' } } }")]
    [InlineData("nasSync: { destinations: { nas: { type: rsync, target: 'u:canary@nas:/m' } } }")]
    [InlineData("nasSync: { method: rsync, remoteRoots: { audio: 'rsync://u:canary@nas/m' } }")]
    [InlineData("nasSync: { destinations: { cloud: { type: s3, bucket: media, endpoint: 'https://u:canary@x' } } }")]
    [InlineData("nasSync: { destinations: { cloud: { type: s3, bucket: media, accessKeyId: canary, secretAccessKey: canary } } }")]
    public void A_secret_by_value_is_refused_and_not_repeated(string yaml)
    {
        var result = ConfigText.Load(yaml);

        Assert.Null(result.Config);
        Assert.DoesNotContain("canary", string.Join("\n", result.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Temporary_credentials_are_left_to_the_aws_chain()
    {
        var config = ConfigText.Good(
            null, ("NAS_SYNC_METHOD", "s3"), ("NAS_S3_BUCKET", "media"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "y"),
            ("AWS_SESSION_TOKEN", "z"));

        Assert.Null(((S3DestinationConfig)config.DefaultDestination!).AccessKeyId);
    }

    [Theory]
    [InlineData("NAS_SYNC_ENABLED", "2", "environment: error: NAS_SYNC_ENABLED: '2' is neither true nor false.")]
    [InlineData("NAS_SYNC_METHOD", "smb", "environment: error: NAS_SYNC_METHOD: 'smb' is none of local, rsync, scp, sftp, s3; write one of them.")]
    [InlineData(
        "NAS_SYNC_METHOD",
        "S3",
        "environment: error: NAS_SYNC_METHOD: A route has a plain path, which with method s3 needs a server that is not described; "
            + "set NAS_S3_BUCKET, or describe a destination named 's3'.")]
    [InlineData("NAS_POLL_INTERVAL_SEC", "5s", "environment: error: NAS_POLL_INTERVAL_SEC: '5s' is no number of seconds; write for example 5.")]
    [InlineData("NAS_POLL_INTERVAL_SEC", "0", "environment: error: NAS_POLL_INTERVAL_SEC: '0' is out of range; write a duration from 100ms to 1d.")]
    [InlineData("NAS_LOG_LEVEL", "TRACE", "environment: error: NAS_LOG_LEVEL: 'TRACE' is none of debug, info, warning, error; write one of them.")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "collector:4317",
        "environment: warning: OTEL_EXPORTER_OTLP_ENDPOINT: This is no address; write one that begins with https:// or http://. "
            + "Until then it is not heeded.")]
    [InlineData(
        "NAS_RSYNC_BW_LIMIT",
        "-1",
        "environment: error: NAS_RSYNC_BW_LIMIT: '-1' is no number of KB per second; write for example 5000, or 0 for no limit.")]
    [InlineData(
        "NAS_S3_ENDPOINT",
        "https://u:p@x",
        "environment: error: NAS_S3_ENDPOINT: The address holds a user or password; secrets are given by reference only.")]
    [InlineData(
        "NAS_SCP_HOST",
        "nas:2222",
        "environment: error: NAS_SCP_HOST: 'nas:2222' has a port in it; write nas, "
            + "and the port into ssh_config or into 'port' of a destination named 'sftp'.")]
    [InlineData("NAS_SCP_HOST", "-x", "environment: error: NAS_SCP_HOST: '-x' is no name of a host or user; write for example nas.example.com.")]
    [InlineData(
        "NAS_REMOTE_ROOT_AUDIO",
        "${artist}",
        "environment: error: NAS_REMOTE_ROOT_AUDIO: A remote root is a plain path; write placeholders into the routes.")]
    [InlineData(
        "NAS_SYNC_WORKDIR",
        "/x",
        "environment: warning: NAS_SYNC_WORKDIR: There is no variable 'NAS_SYNC_WORKDIR'; did you mean 'NAS_SYNC_WORK_DIR'?")]
    [InlineData(
        "NAS_REMOTE_ROOTS_AUDIO",
        "/x",
        "environment: warning: NAS_REMOTE_ROOTS_AUDIO: There is no variable 'NAS_REMOTE_ROOTS_AUDIO'; did you mean 'NAS_REMOTE_ROOT_AUDIO'?")]
    [InlineData("NAS_S3_QUXQUXQUXQUX", "x", "environment: warning: NAS_S3_QUXQUXQUXQUX: There is no variable 'NAS_S3_QUXQUXQUXQUX'; unset it.")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[{",
        "environment:1:3: error: NAS_SYNC_ROUTES: This is no JSON; write a list such as [{\"kind\":\"audio\",\"to\":\"/mnt/nas\"}].")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[]x",
        "environment:1:3: error: NAS_SYNC_ROUTES: This is no JSON; write a list such as [{\"kind\":\"audio\",\"to\":\"/mnt/nas\"}].")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[]",
        "environment:1:1: error: NAS_SYNC_ROUTES: The list of routes is empty; write a route, or unset the variable to have the default ones.")]
    [InlineData("NAS_SYNC_ROUTES", "{}", "environment:1:1: error: NAS_SYNC_ROUTES: A list of routes is needed here, not a mapping.")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[{\"kind\":\"a\",\n \"kin\":1,\"to\":\"/x\"}]",
        "environment:2:2: error: NAS_SYNC_ROUTES[1].kin: There is no setting 'kin'; did you mean 'kind'?")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[{\"kind\":\"a\",\"kind\":\"b\",\"to\":\"/x\"}]",
        "environment:1:14: error: NAS_SYNC_ROUTES: 'kind' stands here twice; remove one.")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[{\"kind\":\"ä\",\"to\":\"/\\u0041/${artst}\"}]",
        "environment:1:30: error: NAS_SYNC_ROUTES[1].to: There is no placeholder 'artst'; did you mean 'artist'?")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "[{\"kind\":\"a\",\"to\":\"${remoteRoots.stems}/x\"}]",
        "environment:1:20: error: NAS_SYNC_ROUTES[1].to: There is no remote root 'stems'; add it to remoteRoots, or set NAS_REMOTE_ROOT_STEMS.")]
    [InlineData("NAS_SYNC_ROUTES", "[1]", "environment:1:2: error: NAS_SYNC_ROUTES[1]: A mapping is needed here, not a single value.")]
    public void A_bad_value_is_told_with_the_name_of_its_variable(string name, string value, string problem) =>
        Assert.Equal([problem], ConfigText.Problems(null, (name, value)));

    [Theory]
    [InlineData(null)]
    [InlineData("nasSync:\n  destinations: { nas: { type: local, root: /nas } }\n")]
    public void A_prefix_with_a_name_of_ours_is_told_by_its_variable(string? yaml) => Assert.Equal(
        ["environment: error: NAS_S3_PREFIX: The root of destination 's3' leads through '.nassync-x', a name that NasSync uses for its own files; "
            + "choose another folder."],
        ConfigText.Problems(
            yaml, ("NAS_SYNC_METHOD", "s3"), ("NAS_S3_BUCKET", "media"), ("NAS_S3_PREFIX", "a/.nassync-x"), ("NAS_S3_REGION", "eu-west-1")));

    [Fact]
    public void Half_a_pair_of_credentials_is_a_warning_with_s3_only()
    {
        Assert.Empty(ConfigText.Problems(null, ("AWS_ACCESS_KEY_ID", "x")));
        Assert.Equal(
            ["environment: warning: AWS_ACCESS_KEY_ID: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not, so neither is used; set both."],
            ConfigText.Problems(null, ("AWS_ACCESS_KEY_ID", "x"), ("NAS_SYNC_METHOD", "s3"), ("NAS_S3_BUCKET", "media")));
    }

    [Fact]
    public void The_environment_of_the_design_is_a_full_configuration()
    {
        var config = ConfigText.Good(
            null,
            ("OUTPUTS_DIR", "/data/outputs"), ("NAS_SYNC_WORK_DIR", "/data/nas-sync-work"), ("NAS_SYNC_LOG_FILE", "/data/logs/nas-sync.jsonl"),
            ("NAS_SYNC_METHOD", "rsync"),
            ("NAS_REMOTE_ROOT_AUDIO", "me@nas:/audio"), ("NAS_RSYNC_BW_LIMIT", "0"), ("NAS_RSYNC_COMPRESS", "true"),
            ("NAS_S3_BUCKET", "instrumental-maker"), ("NAS_S3_PREFIX", "artifacts"),
            ("NAS_S3_REGION", "us-east-1"), ("NAS_SCP_HOST", "nas.example.com"), ("NAS_SCP_USER", "sync_user"), ("NAS_SCP_KEY", "/keys/id"),
            ("NAS_SKIP_ON_MISSING_REMOTE", "true"),
            ("NAS_DRY_RUN", "false"), ("NAS_DAEMON_MODE", "true"), ("NAS_POLL_INTERVAL_SEC", "5"), ("NAS_LOG_LEVEL", "INFO"));

        Assert.Equal(["rsync"], config.Destinations.Keys);
        Assert.True(((RsyncDestinationConfig)config.DefaultDestination!).Compress);
    }

    private static string? Show(string property, TempFolder folder, params (string, string)[] variables)
    {
        var config = ConfigText.Load(folder.Path, null, variables).Config!;
        return typeof(SyncConfig).GetProperty(property)!.GetValue(config) switch
        {
            IReadOnlyDictionary<string, string> roots =>
                string.Join(",", roots.Where(root => root.Value.Length > 0).Select(root => $"{root.Key}={root.Value}")),
            IReadOnlyList<Route> routes => string.Join(", ", routes.Select(route => $"{route.Pattern} -> {string.Join('+', route.To)}")),
            var value => value?.ToString()?.Replace(folder.Path, "CURRENT", StringComparison.Ordinal),
        };
    }

    private static string? ShowDefault(string property, params (string, string)[] variables)
    {
        var destination = ConfigText.Load(null, variables).Config!.DefaultDestination!;
        return destination.GetType().GetProperty(property)!.GetValue(destination)?.ToString();
    }
}
