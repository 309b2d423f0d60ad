using System.Collections.Concurrent;
using System.Text;
using System.Xml.Linq;
using NasSync.Config;
using NasSync.Metrics;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Faults;

/// <summary>
/// Every setting that takes a secret gets a recognizable one, and every server refuses it. No output, log or file may contain any of them.
/// </summary>
public sealed class CanaryTests : IDisposable
{
    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["CANARY_RSYNC"] = "canary-rsync-8Vq2",
        ["CANARY_SFTP"] = "canary-sftp-kT5x",
        ["CANARY_S3_ID"] = "CANARYS3IDW3R7",
        ["CANARY_S3_SECRET"] = "canary-s3-m9Zb",
        ["CANARY_HOOK"] = "canary-hook-Lp4d",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=canary-otlp-Yf6n",
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RequiresFact("linux", "rsync", SshServer.Program, "/usr/bin/env")]
    public async Task A_secret_stands_in_no_log_no_output_no_ledger_and_no_metric_whatever_fails()
    {
        await using var rsync = await RsyncDaemon.StartAsync();
        await using var ssh = await SshServer.StartAsync(settings: "PasswordAuthentication yes\nPermitRootLogin yes");
        await using var s3 = await ScriptedS3.StartAsync();
        var keysSeen = new ConcurrentBag<string?>();
        s3.Script = request =>
        {
            keysSeen.Add(request.AccessKey);
            return RefuseAsAmazonAsync(request);
        };
        var config = WriteConfig(rsync, ssh, s3);
        var job = new SampleJob(_folder["outputs"], "job_1").Add("a.m4a", "audio").Add("b.m4a", "audio");
        job.Declare("gone.m4a", "audio").Write();

        foreach (var words in new[]
        {
            "sync --log-level debug", "sync --json --log-level debug", "sync", "status", "status --json", "plan --json", "plan", "retry --all --json",
            "verify", "verify --json", "verify --log-level debug", "config show", "config show --json", "config check", "destination test vault",
            "destination test studio --json", "destination test cloud --log-level debug",
        })
        {
            var run = await Nassync.RunUnderAsync(
                ["env", .. Secrets.Select(secret => $"{secret.Key}={secret.Value}")],
                [.. words.Split(' '), "--config", config]);
            AssertNone(Encoding.UTF8.GetBytes(run.Out + run.Error), words);
            if (words.StartsWith("sync", StringComparison.Ordinal)) Assert.NotEqual(0, run.ExitCode);
        }

        AssertNone(Encoding.UTF8.GetBytes(await MetricsOfARunAsync(config)), "metrics");
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(_folder["secrets"], StringComparison.Ordinal)))
            AssertNone(await File.ReadAllBytesAsync(file), file);

        // Proves that the servers were asked and that the log recorded it; an empty log would hold no secret either.
        var log = await File.ReadAllTextAsync(_folder["logs/nas-sync.jsonl"]);
        Assert.Contains("\"event\":\"committed\"", log);
        foreach (var place in new[] { "vault", "studio", "cloud" }) Assert.Contains($"\"destination\":\"{place}\"", log);
        Assert.Contains("AuthRefused", log);
        var debugLog = await File.ReadAllTextAsync(_folder["logs/debug.log"]);
        foreach (var seen in new[]
        {
            $" S3Answered: GET {s3.Endpoint}", " ProgramStarted: Started process ", "rsync://", " CallFailed: studio: ", " Decided: Copy 'a.m4a'",
        })
            Assert.Contains(seen, debugLog);
        Assert.Contains("Failed password", ssh.Log);
        Assert.Contains(Secrets["CANARY_S3_ID"], keysSeen);
    }

    // Uses every kind of reference to a secret.
    private string WriteConfig(RsyncDaemon rsync, SshServer ssh, ScriptedS3 s3)
    {
        var studio = ssh.Config();
        return _folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              logFile: logs/nas-sync.jsonl
              logLevel: debug
              debugLog: logs/debug.log
              retry: { maxAttempts: 2, baseDelay: 1ms, maxDelay: 1ms }
              remoteRoots: { nas: nas }
              destinations:
                vault: { type: rsync, target: "{{rsync.Address()}}", password: "env:CANARY_RSYNC" }
                studio: { type: sftp, host: 127.0.0.1, port: {{studio.Port}}, user: {{studio.User}}, knownHosts: "{{studio.KnownHosts}}", root: "{{ssh.Root}}", password: "file:{{_folder.Write("secrets/sftp", Secrets["CANARY_SFTP"])}}" }
                cloud: { type: s3, bucket: media, region: us-east-1, endpoint: "{{s3.Endpoint}}", accessKeyId: "env:CANARY_S3_ID", secretAccessKey: "file:{{_folder.Write("secrets/s3", Secrets["CANARY_S3_SECRET"])}}" }
              routes:
                - to: ["${remoteRoots.nas}/x", "vault:x", "studio:x", "cloud:x"]
              webhooks: [ { url: "http://127.0.0.1:9/hook", secret: "env:CANARY_HOOK" } ]

            """);
    }

    // The answer repeats the access key of the request, as Amazon's does.
    private static async Task<bool> RefuseAsAmazonAsync(ScriptedS3.Request request)
    {
        request.Response.StatusCode = 403;
        await request.XmlAsync(new XElement(
            "Error",
            new XElement("Code", "SignatureDoesNotMatch"),
            new XElement("Message", "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method."),
            new XElement("AWSAccessKeyId", request.AccessKey),
            new XElement("StringToSign", $"AWS4-HMAC-SHA256 {request.AccessKey}")));
        return true;
    }

    private static async Task<string> MetricsOfARunAsync(string config)
    {
        var loaded =
            ConfigLoader.Load(new ConfigSources { FilePath = config, Environment = Secrets, CurrentFolder = Path.GetDirectoryName(config)! }).Config!;
        using var metrics = new SyncMetrics(loaded);
        await foreach (var one in new SyncEngine(loaded) { Variables = Secrets }.RunAsync(new SyncRequest { Paths = [loaded.OutputsDir!] }))
            metrics.Observe(one);
        var text = metrics.ToPrometheus();
        Assert.Contains("""nassync_failures_total{class="auth",destination="studio"}""", text);
        return text;
    }

    private static void AssertNone(byte[] written, string where)
    {
        foreach (var (name, value) in Secrets)
        {
            var secret = value[(value.IndexOf('=') + 1)..];
            foreach (var form in new[]
            {
                secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)),
            })
                Assert.True(written.AsSpan().IndexOf(Encoding.UTF8.GetBytes(form)) < 0, $"{name} stands in {where}");
        }
    }
}
