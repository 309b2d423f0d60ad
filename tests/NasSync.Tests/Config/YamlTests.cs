using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

public sealed class YamlTests
{
    public const string Everything = """
        nasSync:
          enabled: true                      # false: say so and do nothing, exit 0
          outputsDir: /data/outputs
          settle: 1.5s
          settleTimeout: 10m
          finishedJobs: "archive:/data/done"
          refuseHardLinks: true
          workDir: /data/nas-sync-work       # ledger, locks
          ledger: "env:LEDGER"
          allowNetworkWorkDir: true
          logFile: /data/logs/nas-sync.jsonl
          method: local                      # what a plain path in `to` means: local | rsync | scp | sftp | s3
          remoteRoots: { audio: /mnt/nas/Instrumentals, video: /mnt/nas/Videos, stems: /mnt/nas/Stems }
          fileMode: 0640
          dirMode: "2770"
          owner: media
          group: "1000"
          destinations:                      # named places, as many as wanted
            vault:  { type: rsync, target: "backup@vault:/srv/media", bandwidthLimit: 20MiB, compress: true }
            studio: { type: sftp, host: nas.example.com, port: 22, user: sync_user, identityFile: ~/.ssh/id_ed25519, root: /volume1/media }
            cloud:  { type: s3, bucket: instrumental-maker, prefix: artifacts, region: us-east-1, endpoint: "https://minio.example.com" }
            attic:  { type: local, root: /mnt/attic, fileMode: "0600", dirMode: "0700", owner: "0", group: staff }
            cellar: { type: sftp, host: cellar, root: /, fileMode: "644", dirMode: "755", owner: "1000", group: "100" }
            shed:   { type: rsync, target: /mnt/shed, fileMode: "0664" }
          routes:
            - match: { kind: audio, variant: instrumental }
              to: "${remoteRoots.audio}/Instrumental"
            - match: { kind: audio }
              to: ["vault:audio/${artist}", "cloud:audio/${jobId}"]      # fan-out: one read
              as: "${artist} - ${title} (${label})${ext}"
              onConflict: overwrite
              verify: readback
              release: delete
          transfers: 8
          retry: { maxAttempts: 7, baseDelay: 500ms, maxDelay: 1h }
          bandwidthLimit: ["08:00-18:00 5MiB", "unlimited"]
          webhooks: [ { url: "https://hooks.example.com/nas", events: [failed], secret: "env:HOOK_SECRET" } ]
          skipOnMissingRemote: false
          dryRun: true
          daemonMode: true
          pollInterval: 30
          logLevel: debug
          logMaxSize: 1MiB
          logMaxAge: 30d
          logKeep: 12
          metricsPort: 9469
          metricsAddress: "::1"
          otlpEndpoint: "https://collector.example.com:4318"
        """;

    [Fact]
    public void Every_setting_of_the_file_is_read()
    {
        var config = ConfigText.Good(Everything);

        Assert.True(config.Enabled);
        Assert.Equal("/data/outputs", config.OutputsDir);
        Assert.Equal((TimeSpan.FromSeconds(1.5), TimeSpan.FromMinutes(10), true), (config.Settle, config.SettleTimeout, config.RefuseHardLinks));
        Assert.Equal("/data/nas-sync-work", config.WorkDir);
        Assert.True(config.AllowNetworkWorkDir);
        Assert.Equal("/data/logs/nas-sync.jsonl", config.LogFile);
        Assert.Equal(TransferMethod.Local, config.Method);
        Assert.Equal(
            ["audio=/mnt/nas/Instrumentals", "stems=/mnt/nas/Stems", "video=/mnt/nas/Videos"],
            config.RemoteRoots.Select(r => $"{r.Key}={r.Value}").Order());
        Assert.Equal(new FinishedJobsPolicy(FinishedJobsAction.Archive, "/data/done"), config.FinishedJobs);
        Assert.Equal(("0640", "2770", "media", "1000"), (config.FileMode, config.DirMode, config.Owner, config.Group));
        Assert.Equal(8, config.Transfers);
        Assert.Equal(new RetryConfig { MaxAttempts = 7, BaseDelay = TimeSpan.FromMilliseconds(500), MaxDelay = TimeSpan.FromHours(1) }, config.Retry);
        Assert.Equal([new BandwidthRule(new(8, 0), new(18, 0), 5 << 20), new BandwidthRule(null, null, null)], config.BandwidthLimit);
        var hook = Assert.Single(config.Webhooks);
        Assert.Equal(new Uri("https://hooks.example.com/nas"), hook.Url);
        Assert.Equal(["failed"], hook.Events);
        Assert.Equal(new SecretReference("env", "HOOK_SECRET"), hook.Secret);
        Assert.False(config.SkipOnMissingRemote);
        Assert.True(config.DryRun);
        Assert.True(config.DaemonMode);
        Assert.Equal(TimeSpan.FromSeconds(30), config.PollInterval);
        Assert.Equal(LogLevel.Debug, config.LogLevel);
        Assert.Equal((1L << 20, TimeSpan.FromDays(30), 12), (config.LogMaxSize, config.LogMaxAge, config.LogKeep));
        Assert.Equal((9469, "::1", new Uri("https://collector.example.com:4318")), (config.MetricsPort, config.MetricsAddress, config.OtlpEndpoint));
        Assert.Null(config.DefaultDestination);
    }

    public const string Kept = "nasSync: { destinations: { deep: { type: s3, bucket: abc, storageClass: glacier, serverSideEncryption: aws:kms, "
        + "kmsKeyId: k, partSize: 32MiB } } }";

    public const string Lines =
        "nasSync: { destinations: { fast: { type: sftp, host: nas, root: /, connections: 8, ciphers: ^aes256-gcm@openssh.com } } }";

    [Fact]
    public void How_many_connections_and_which_ciphers_is_read() => Assert.Equal(
        new SftpDestinationConfig { Name = "fast", Host = "nas", Root = "/", Connections = 8, Ciphers = "^aes256-gcm@openssh.com" },
        ConfigText.Good(Lines).Destinations["fast"]);

    [Fact]
    public void How_objects_are_kept_is_read() => Assert.Equal(
        new S3DestinationConfig
        {
            Name = "deep",
            Bucket = "abc",
            StorageClass = "GLACIER",
            ServerSideEncryption = "aws:kms",
            KmsKeyId = "k",
            PartSize = 32 << 20,
        },
        ConfigText.Good(Kept).Destinations["deep"]);

    [Fact]
    public void Every_type_of_destination_is_read()
    {
        var destinations = ConfigText.Good(Everything).Destinations;

        Assert.Equal(
            new RsyncDestinationConfig { Name = "vault", Target = "backup@vault:/srv/media", BandwidthLimit = 20 << 20, Compress = true },
            destinations["vault"]);
        Assert.Equal(
            new SftpDestinationConfig
            {
                Name = "studio",
                Host = "nas.example.com",
                Port = 22,
                User = "sync_user",
                IdentityFile = "/home/me/.ssh/id_ed25519",
                Root = "/volume1/media",
            },
            destinations["STUDIO"]);
        Assert.Equal(
            new S3DestinationConfig
            {
                Name = "cloud",
                Bucket = "instrumental-maker",
                Prefix = "artifacts",
                Region = "us-east-1",
                Endpoint = new Uri("https://minio.example.com"),
            },
            destinations["cloud"]);
        Assert.Equal(
            new LocalDestinationConfig { Name = "attic", Root = "/mnt/attic", FileMode = "0600", DirMode = "0700", Owner = "0", Group = "staff" },
            destinations["attic"]);
        Assert.Equal(
            new SftpDestinationConfig
            {
                Name = "cellar",
                Host = "cellar",
                Root = "/",
                FileMode = "644",
                DirMode = "755",
                Owner = "1000",
                Group = "100",
            },
            destinations["cellar"]);
        Assert.Equal(new RsyncDestinationConfig { Name = "shed", Target = "/mnt/shed", FileMode = "0664" }, destinations["shed"]);
    }

    [Fact]
    public void Routes_are_read_in_order()
    {
        var routes = ConfigText.Good(Everything).Routes;

        Assert.Equal(["route 1 (audio/instrumental)", "route 2 (audio/*)"], routes.Select(route => route.ToString()));
        Assert.Equal(["${remoteRoots.audio}/Instrumental"], routes[0].To);
        Assert.Equal(
            (null, ConflictPolicy.KeepBoth, VerifyLevel.Checksum, ReleasePolicy.Keep),
            (routes[0].As, routes[0].OnConflict, routes[0].Verify, routes[0].Release));
        Assert.Equal(["vault:audio/${artist}", "cloud:audio/${jobId}"], routes[1].To);
        Assert.Equal("${artist} - ${title} (${label})${ext}", routes[1].As);
        Assert.Equal(
            (ConflictPolicy.Overwrite, VerifyLevel.Readback, ReleasePolicy.Delete),
            (routes[1].OnConflict, routes[1].Verify, routes[1].Release));
    }

    [Fact]
    public void A_file_with_five_mistakes_tells_all_five_with_line_and_column()
    {
        var problems = ConfigText.Problems("""
            nasSync:
              outputDir: /data/outputs
              transfers: many
              remoteRoots: { audio: /mnt/nas }
              retry: { baseDelay: 5 parsecs }
              routes:
                - match: { kind: audio }
                  to: "${remoteRoots.audoi}/${artst}"
                - match: { kind: video }
                  to: "valt:videos"
            """);

        Assert.Equal(
            [
                "nas-sync.yaml:2:3: error: nasSync.outputDir: There is no setting 'outputDir'; did you mean 'outputsDir'?",
                "nas-sync.yaml:3:14: error: nasSync.transfers: 'many' is no whole number; write one from 1 to 64.",
                "nas-sync.yaml:5:23: error: nasSync.retry.baseDelay: '5 parsecs' is no duration; write for example 250ms, 5s, 5m or 1h.",
                "nas-sync.yaml:8:35: error: nasSync.routes[1].to: There is no placeholder 'artst'; did you mean 'artist'?",
                "nas-sync.yaml:10:12: error: nasSync.routes[2].to: There is no destination 'valt'; there are none.",
            ],
            problems);
    }

    [Fact]
    public void The_sample_in_the_repository_has_no_problem()
    {
        var result = ConfigLoader.Load(new()
        {
            FilePath = Path.Combine(Repository.Root, "samples", "nas-sync.yaml"),
            Environment = ConfigText.NoVariables,
            CurrentFolder = "/",
        });

        Assert.Empty(result.Problems);
        Assert.Equal(Path.Combine(Repository.Root, "samples", "outputs"), result.Config!.OutputsDir);
        Assert.Equal(Path.Combine(Repository.Root, "samples", "nas", "Videos"), result.Config.RemoteRoots["video"]);
    }
}
