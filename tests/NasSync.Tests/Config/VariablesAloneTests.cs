using NasSync.Config;

namespace NasSync.Tests.Config;

/// <summary>What holds where there is no file and variables are the configuration.</summary>
public sealed class VariablesAloneTests
{
    private const string Default = "default without a file";

    [Theory]
    [InlineData("OUTPUTS_DIR", "/o")]
    [InlineData("NAS_SYNC_WORK_DIR", "/w")]
    [InlineData("NAS_SYNC_LOG_FILE", "/l")]
    [InlineData("NAS_SYNC_METHOD", "local")]
    [InlineData("NAS_SYNC_ROUTES", """[{"kind":"a","to":"/x"}]""")]
    [InlineData("NAS_REMOTE_ROOT_AUDIO", "/x")]
    [InlineData("NAS_RSYNC_BW_LIMIT", "0")]
    [InlineData("NAS_RSYNC_COMPRESS", "true")]
    [InlineData("NAS_S3_BUCKET", "media")]
    [InlineData("NAS_S3_PREFIX", "p")]
    [InlineData("NAS_S3_REGION", "eu-west-1")]
    [InlineData("NAS_S3_ENDPOINT", "https://x")]
    [InlineData("NAS_SCP_HOST", "h")]
    [InlineData("NAS_SCP_USER", "u")]
    [InlineData("NAS_SCP_KEY", "/k")]
    [InlineData("NAS_SKIP_ON_MISSING_REMOTE", "false")]
    [InlineData("NAS_DRY_RUN", "true")]
    [InlineData("NAS_DAEMON_MODE", "false")]
    [InlineData("NAS_POLL_INTERVAL_SEC", "9")]
    [InlineData("NAS_LOG_LEVEL", "DEBUG")]
    public void Any_variable_of_the_older_service_brings_its_defaults(string name, string value)
    {
        var result = ConfigText.Load(null, (name, value));
        var config = result.Config!;

        Assert.Equal(name == "OUTPUTS_DIR" ? "/o" : "/data/outputs", config.OutputsDir);
        Assert.Equal(name == "NAS_SYNC_WORK_DIR" ? "/w" : "/data/nas-sync-work", config.WorkDir);
        Assert.Equal(name == "NAS_SYNC_LOG_FILE" ? "/l" : "/data/logs/nas-sync.jsonl", config.LogFile);
        Assert.Equal(name == "NAS_SYNC_METHOD" ? TransferMethod.Local : TransferMethod.Rsync, config.Method);
        Assert.Equal(name != "NAS_DAEMON_MODE", config.DaemonMode);
        Assert.Equal(name == "OUTPUTS_DIR" ? name : Default, result.Origins["outputsDir"]);
        Assert.Equal(name == "NAS_DAEMON_MODE" ? name : Default, result.Origins["daemonMode"]);
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID")]
    [InlineData("NAS_SYNC_LEDGER")]
    [InlineData("NAS_METRICS_PORT")]
    [InlineData("NAS_REMOTE_ROOT_AUDIO", "")]
    public void Other_variables_and_empty_ones_bring_none(string name, string value = "1")
    {
        var config = ConfigText.Load(null, (name, name == "NAS_SYNC_LEDGER" ? "Host=db" : value)).Config!;

        Assert.Equal((null, null, TransferMethod.Local, false), (config.OutputsDir, config.LogFile, config.Method, config.DaemonMode));
    }

    [Fact]
    public void With_a_file_its_own_defaults_stay()
    {
        var config = ConfigText.Good("nasSync: { transfers: 2 }", ("NAS_REMOTE_ROOT_AUDIO", "/x"));

        Assert.Equal((null, null, TransferMethod.Local, false), (config.OutputsDir, config.LogFile, config.Method, config.DaemonMode));
    }

    [Fact]
    public void A_default_that_clashes_is_told_with_the_variable_that_changes_it() =>
        Assert.Equal(
            ["environment: error: NAS_SYNC_WORK_DIR: The work folder /data/nas-sync-work lies in the outputs folder /data; "
                + "set workDir to a folder outside it."],
            ConfigText.Problems(null, ("OUTPUTS_DIR", "/data")));
}
