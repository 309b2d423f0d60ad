using System.Text.RegularExpressions;
using NasSync.Config;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>Broken files of every kind: a result comes out, never an exception, and without an error there is a configuration.</summary>
[Long]
public sealed class LoaderFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_becomes_of_a_file_it_is_loaded_or_refused()
    {
        using var folder = new TempFolder(FuzzedConfig.Memory);
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "nas-sync.yaml"));
        FuzzedConfig.RequireBoth(Fuzzer.OfTexts([YamlTests.Everything, ConfigTemplate.Yaml(), sample], FuzzedConfig.Pieces).Run(output, bytes =>
        {
            folder.Write(ConfigText.FileName, bytes.AsSpan());
            return FuzzedConfig.Check(folder, ConfigText.FileName);
        }));
    }
}

/// <summary>Broken variables of the environment, the JSON of routes among them.</summary>
public sealed class EnvironmentFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_becomes_of_the_environment_it_is_loaded_or_refused()
    {
        string[] samples =
        [
            """NAS_SYNC_ROUTES=[{"kind":"audio","variant":"instrumental","to":["${remoteRoots.audio}/x","/y/${artist}"],"as":"${title}${ext}","onConflict":"skip"},{"match":{"kind":"é"},"to":"/z"}]""",
            "OUTPUTS_DIR=/data/outputs\nNAS_SYNC_METHOD=rsync\nNAS_RSYNC_BW_LIMIT=5000\nNAS_RSYNC_COMPRESS=true\n"
                + "NAS_REMOTE_ROOT_AUDIO=backup@vault:/srv\nNAS_POLL_INTERVAL_SEC=7",
            "NAS_SYNC_METHOD=sftp\nNAS_SCP_HOST=nas\nNAS_SCP_USER=sync\nNAS_SCP_KEY=~/.ssh/id\nNAS_SYNC_WORK_DIR=/data/work\nNAS_LOG_LEVEL=WARNING\n"
                + "NAS_DAEMON_MODE=true",
            "NAS_SYNC_METHOD=s3\nNAS_S3_BUCKET=media\nNAS_S3_PREFIX=/artifacts/\nNAS_S3_REGION=eu-west-1\nNAS_S3_ENDPOINT=https://minio.example.com\n"
                + "NAS_SKIP_ON_MISSING_REMOTE=false",
        ];
        using var folder = new TempFolder(FuzzedConfig.Memory);
        FuzzedConfig.RequireBoth(Fuzzer.OfTexts(samples, FuzzedConfig.Pieces).Run(output, bytes =>
        {
            var lines = System.Text.Encoding.UTF8.GetString(bytes).Split('\n').Select(line => line.Split('=', 2));
            return FuzzedConfig.Check(
                folder, null, [.. lines.Where(line => line.Length == 2).Select(line => (line[0], line[1])).DistinctBy(line => line.Item1)]);
        }));
    }
}

/// <summary>What both hold a loaded configuration to.</summary>
internal static partial class FuzzedConfig
{
    public static readonly string[] Pieces =
    [
        "nasSync:", "routes:", "- ", "  ", "\t", "\n", "\r\n", ": ", "[", "]", "{", "}", "\"", "'", "|", ">", "#", "&a", "*a", "!t", "? ",
        "%YAML 1.1", "---", "...", "~", "null",
        "${", "}", "$${", "${remoteRoots.", "..", "/", "\\", "\\x", "\\u00", "\\ud83c", "\0", "\u0085", "\u2028", "\ufeff", "😀", "env:", "file:",
        "1e99", "-1", "99999999999999999999999", "08:00-", "<<", ",", "@", "`",
    ];

    /// <summary>Where files cost little; null where there is no such place.</summary>
    public static string? Memory => Directory.Exists("/dev/shm") ? "/dev/shm" : null;

    /// <summary>A fuzz that only ever meets one outcome tests nothing.</summary>
    public static void RequireBoth(IReadOnlyDictionary<string, int> answers)
    {
        Assert.Contains("loaded", answers.Keys);
        Assert.True(answers.Count > 10, "too few different mistakes");
    }

    /// <summary>Loads, and names the first mistake.</summary>
    public static string Check(TempFolder folder, string? file, params (string Name, string Value)[] variables)
    {
        var result = ConfigLoader.Load(new()
        {
            FilePath = file,
            Environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value),
            CurrentFolder = folder.Path,
        });
        var failed = result.Problems.Any(problem => problem.Severity == ConfigSeverity.Error);
        Assert.Equal(failed, result.Config is null);
        Assert.All(result.Problems, problem => Assert.DoesNotContain(problem.ToString(), char.IsControl));
        if (result.Config is null) return Varying().Replace(result.Problems[0].Message, "");

        // What loads can be printed, and what is printed loads as the same.
        var printed = ConfigPrinter.Yaml(result.Config);
        var again = ConfigText.Load(folder.Path, printed);
        Assert.True(again.Config is not null, $"{string.Join('\n', again.Problems)}\n{printed}");
        Assert.Equal(printed, ConfigPrinter.Yaml(again.Config));
        return "loaded";
    }

    // What a message quotes or counts.
    [GeneratedRegex("'[^']*'|[0-9]+|[^ -~]")]
    private static partial Regex Varying();
}
