using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Quotes, blanks and Windows line ends that tools keep in values, as docker's env files do.</summary>
public sealed class StrayTextTests
{
    [Theory]
    [InlineData(
        "NAS_REMOTE_ROOT_AUDIO",
        "\"/x/nas\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_REMOTE_ROOT_AUDIO=/x/nas without quotes.")]
    [InlineData(
        "OUTPUTS_DIR",
        "'/x/out'",
        "The value has quotes around it, as docker's env files keep quotes; write OUTPUTS_DIR=/x/out without quotes.")]
    [InlineData(
        "OUTPUTS_DIR",
        "“/x/out”",
        "The value has quotes around it, as docker's env files keep quotes; write OUTPUTS_DIR=/x/out without quotes.")]
    [InlineData("OUTPUTS_DIR", "/x/out ", "The value ends with a blank; write OUTPUTS_DIR=/x/out without it.")]
    [InlineData("OUTPUTS_DIR", " /x/out", "The value begins with a blank; write OUTPUTS_DIR=/x/out without it.")]
    [InlineData(
        "OUTPUTS_DIR",
        "/x/out\r",
        "The value ends as lines of Windows do (with a carriage return); write OUTPUTS_DIR=/x/out without it, "
            + "and save the file with line ends of Unix.")]
    [InlineData(
        "OUTPUTS_DIR",
        "\"/x/out\"\r",
        "The value has quotes around it, as docker's env files keep quotes; write OUTPUTS_DIR=/x/out without quotes.")]
    [InlineData(
        "NAS_SYNC_WORK_DIR",
        "\"/x/w\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_SYNC_WORK_DIR=/x/w without quotes.")]
    [InlineData(
        "NAS_SYNC_LOG_FILE",
        "\"\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_SYNC_LOG_FILE= without quotes.")]
    [InlineData(
        "NAS_S3_PREFIX",
        "\"artifacts\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_S3_PREFIX=artifacts without quotes.")]
    [InlineData(
        "NAS_S3_BUCKET",
        "\"media\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_S3_BUCKET=media without quotes.")]
    [InlineData(
        "NAS_S3_REGION",
        "'eu-west-1'",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_S3_REGION=eu-west-1 without quotes.")]
    [InlineData(
        "NAS_S3_ENDPOINT",
        "\"https://x\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_S3_ENDPOINT=https://x without quotes.")]
    [InlineData(
        "NAS_SCP_HOST",
        "\"nas\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_SCP_HOST=nas without quotes.")]
    [InlineData("NAS_SCP_KEY", "\"/k\"", "The value has quotes around it, as docker's env files keep quotes; write NAS_SCP_KEY=/k without quotes.")]
    [InlineData(
        "NAS_DRY_RUN",
        "\"true\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_DRY_RUN=true without quotes.")]
    [InlineData(
        "NAS_POLL_INTERVAL_SEC",
        "\"5\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_POLL_INTERVAL_SEC=5 without quotes.")]
    [InlineData(
        "NAS_LOG_LEVEL",
        "INFO\r",
        "The value ends as lines of Windows do (with a carriage return); write NAS_LOG_LEVEL=INFO without it, "
            + "and save the file with line ends of Unix.")]
    [InlineData(
        "NAS_SYNC_ROUTES",
        "'[{\"kind\":\"a\",\"to\":\"/x\"}]'",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_SYNC_ROUTES=[{\"kind\":\"a\",\"to\":\"/x\"}] without quotes.")]
    [InlineData(
        "NAS_RSYNC_BW_LIMIT",
        "0          # KB/s, 0 = unlimited",
        "The value has a comment behind it, as docker's env files keep comments; write NAS_RSYNC_BW_LIMIT=0 and the comment in a line of its own. "
            + "A folder that is called so can be named in nas-sync.yaml.")]
    [InlineData(
        "NAS_REMOTE_ROOT_AUDIO",
        "/x/nas  #the NAS",
        "The value has a comment behind it, as docker's env files keep comments; "
            + "write NAS_REMOTE_ROOT_AUDIO=/x/nas and the comment in a line of its own. A folder that is called so can be named in nas-sync.yaml.")]
    [InlineData(
        "NAS_SYNC_LEDGER",
        "\"Host=db;Password=canary\"",
        "The value has quotes around it, as docker's env files keep quotes; write NAS_SYNC_LEDGER=… without quotes.")]
    [InlineData(
        "NASSYNC_SSH",
        "\"/usr/bin/ssh\"",
        "The value has quotes around it, as docker's env files keep quotes; write NASSYNC_SSH=/usr/bin/ssh without quotes.")]
    public void A_variable_with_quotes_or_blanks_around_its_value_is_refused_with_the_cure(string name, string value, string problem) =>
        Assert.Equal([$"environment: error: {name}: {problem}"], ConfigText.Problems(null, (name, value)));

    [Fact]
    public void A_configuration_path_in_quotes_is_refused_whether_or_not_such_a_file_is_there()
    {
        using var folder = new TempFolder();
        folder.Write("\"nas-sync.yaml\"", "nasSync: { outputsDir: /x }");
        var result = ConfigLoader.Load(new()
        {
            FilePath = "\"nas-sync.yaml\"",
            Environment = new Dictionary<string, string> { [ConfigLocator.Variable] = "\"nas-sync.yaml\"" },
            CurrentFolder = folder.Path,
        });

        Assert.Equal(
            ["environment: error: NAS_SYNC_CONFIG_PATH: The value has quotes around it, as docker's env files keep quotes; "
                + "write NAS_SYNC_CONFIG_PATH=nas-sync.yaml without quotes."],
            result.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("outputsDir: '\"/x\"'", "outputsDir")]
    [InlineData("workDir: \"'/x'\"", "workDir")]
    [InlineData("logFile: \"/x \"", "logFile")]
    [InlineData("remoteRoots: { audio: '\"/x\"' }", "remoteRoots.audio")]
    [InlineData("remoteRoots: { audio: \"/x \" }", "remoteRoots.audio")]
    [InlineData("outputsDir: \". /\"", "outputsDir")]
    [InlineData("remoteRoots: { audio: \"/x /\" }", "remoteRoots.audio")]
    [InlineData("method: rsync, remoteRoots: { audio: '\"nas:/x\"' }", "remoteRoots.audio")]
    [InlineData("destinations: { disk: { type: local, root: '\"/x\"' } }", "destinations.disk.root")]
    [InlineData("destinations: { nas: { type: sftp, host: h, root: '\"/x\"' } }", "destinations.nas.root")]
    [InlineData("destinations: { nas: { type: sftp, host: h, root: /x, identityFile: '\"/k\"' } }", "destinations.nas.identityFile")]
    [InlineData("destinations: { nas: { type: rsync, target: '\"h:/x\"' } }", "destinations.nas.target")]
    [InlineData("destinations: { cloud: { type: s3, bucket: media, prefix: '\"x\"' } }", "destinations.cloud.prefix")]
    [InlineData("routes: [ { kind: a, to: '\"/x\"' } ]", "routes[1].to")]
    [InlineData("destinations: { disk: { type: local, root: /x } }, routes: [ { kind: a, to: \"disk:'x'\" } ]", "routes[1].to")]
    public void A_path_of_the_file_with_quotes_inside_its_quotes_is_refused(string settings, string setting)
    {
        var problem = Assert.Single(ConfigText.Problems($"nasSync: {{ {settings} }}"));

        Assert.Contains($"error: nasSync.{setting}: '", problem, StringComparison.Ordinal);
        Assert.Matches("(has quotes around it|ends with a blank) that would become part of the path; write '", problem);
    }

    [Theory]
    [InlineData("/x/7\"", "/x/7\"")]
    [InlineData("/x/Mix #1", "/x/Mix #1")]
    [InlineData("./'n' roll", "CURRENT/'n' roll")]
    public void A_quote_or_number_sign_that_belongs_to_a_name_stays(string written, string expected)
    {
        using var folder = new TempFolder();
        var config = ConfigText.Load(folder.Path, null, ("OUTPUTS_DIR", written)).Config!;

        Assert.Equal(expected, config.OutputsDir!.Replace(folder.Path, "CURRENT", StringComparison.Ordinal));
    }

    [Fact]
    public void Routes_may_have_blanks_and_lines_around_their_json() =>
        Assert.Single(ConfigText.Good(null, ("NAS_SYNC_ROUTES", "\n [{\"kind\":\"a\",\"to\":\"/x\"}]\r\n")).Routes);

    [Theory]
    [InlineData("\"canary\"")]
    [InlineData("'canary'")]
    [InlineData("canary\r")]
    public void A_secret_that_a_tool_put_into_quotes_is_refused_and_not_repeated(string value)
    {
        var e = Assert.Throws<FailureException>(() => SecretReader.Read(new("env", "TOKEN"), new Dictionary<string, string> { ["TOKEN"] = value }));

        Assert.Equal("SecretMalformed", e.Failure.Code);
        Assert.Contains("write TOKEN=… without", e.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", e.Failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_credentials_of_S3_in_quotes_are_refused_where_they_are_used()
    {
        (string, string)[] keys = [("AWS_ACCESS_KEY_ID", "\"AKIA\""), ("AWS_SECRET_ACCESS_KEY", "'canary'")];

        Assert.Empty(ConfigText.Problems(null, keys));
        Assert.Equal(
            [
                "environment: error: AWS_ACCESS_KEY_ID: The value has quotes around it, as docker's env files keep quotes; "
                    + "write AWS_ACCESS_KEY_ID=… without quotes.",
                "environment: error: AWS_SECRET_ACCESS_KEY: The value has quotes around it, as docker's env files keep quotes; "
                    + "write AWS_SECRET_ACCESS_KEY=… without quotes.",
            ],
            ConfigText.Problems(null, [("NAS_SYNC_METHOD", "s3"), ("NAS_S3_BUCKET", "media"), .. keys]));
    }
}
