using System.Text.RegularExpressions;
using NasSync.Config;
using NasSync.Scheduling;
using NasSync.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace NasSync.Tests.Deploy;

public sealed class DeployTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RequiresFact("linux", "systemd-analyze")]
    public void Systemd_finds_nothing_wrong_with_the_units()
    {
        // The program is where a package puts it, which need not be here.
        var program = _folder.WriteScript("nassync", "#!/bin/sh\n");
        foreach (var file in Directory.GetFiles(Repository.At("deploy"), "nassync*").Where(file => Path.GetExtension(file) is ".service" or ".timer"))
            _folder.Write($"units/{Path.GetFileName(file)}", File.ReadAllText(file).Replace("/usr/bin/nassync", program, StringComparison.Ordinal));
        var units = Directory.GetFiles(_folder["units"]);
        Assert.Equal(3, units.Length);
        Assert.All(units, unit => Assert.Equal("", SystemdAnalyze.Verify(unit)));
    }

    [RequiresFact("linux", "systemd-analyze")]
    public void The_services_are_hardly_exposed()
    {
        Assert.InRange(SystemdAnalyze.Exposure(Repository.At("deploy/nassync.service")), 0.1, 1.5);
        Assert.InRange(SystemdAnalyze.Exposure(Repository.At("deploy/nassync-sync.service")), 0.1, 1.5);
    }

    [Theory]
    [InlineData("nassync.service", true)]
    [InlineData("nassync-sync.service", false)]
    public void The_services_are_held_as_tight_as_those_that_install_writes(string name, bool watches)
    {
        var built = new SystemdUnits
        {
            Name = "nassync",
            Command = ["/usr/bin/nassync", watches ? "watch" : "sync", "--config", "/etc/nassync/nas-sync.yaml"],
            Config = new SyncConfig
            {
                WorkDir = "/var/lib/nassync",
                File = "/etc/nassync/nas-sync.yaml",
                Routes = [new() { Number = 1, To = ["/mnt/nas"] }],
            },
            Schedule = watches ? null : new SyncSchedule.AtStartup(),
            RunAs = "nassync",
            EnvironmentFile = "/etc/nassync/environment",
            TimeLimit = TimeSpan.FromDays(3),
        }.Build()[0].Text;

        // systemd makes this folder itself, and writable.
        var expected = Settings(built)
            .Except(["ReadWritePaths=/var/lib/nassync"])
            .Where(line => !line.StartsWith("Description=", StringComparison.Ordinal) && line[0] != '['
                && !line.StartsWith("Schedule=", StringComparison.Ordinal) && !line.StartsWith("Config=", StringComparison.Ordinal));
        var deployed = Settings(File.ReadAllText(Repository.At($"deploy/{name}")));
        Assert.Empty(expected.Except(deployed));
    }

    [Fact]
    public void Every_variable_of_the_compose_file_is_one_that_is_read_and_none_is_wrong()
    {
        var environment = Compose().ToDictionary(pair => pair.Key, pair => pair.Value.Replace("$$", "$", StringComparison.Ordinal));
        var result = ConfigLoader.Load(new() { Environment = environment, CurrentFolder = "/" });
        Assert.Empty(result.Problems);
        Assert.Equal(3, result.Config!.Routes.Count);
        Assert.Equal(("/data/outputs", "/data/nas-sync-work", true), (result.Config.OutputsDir, result.Config.WorkDir, result.Config.DaemonMode));
    }

    [Fact]
    public void Every_variable_that_is_read_stands_in_the_compose_file_set_or_as_a_comment()
    {
        var documented =
            from line in File.ReadLines(Repository.At("docs/configuration.md")).SkipWhile(line => line != "## Environment")
            where line.StartsWith('|')
            from Match match in Regex.Matches(line.Split('|')[1], "`([A-Z0-9_]+?_?)(<KEY>)?`")
            select match.Groups[1].Value;
        var text = File.ReadAllText(Repository.At("deploy/compose.yaml"));
        Assert.InRange(documented.Count(), 24, 40);
        Assert.All(documented, name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_container_has_no_rights_that_it_does_not_need()
    {
        var service = Service();
        Assert.Equal("true", Scalar(service, "read_only"));
        Assert.Equal(["ALL"], ((YamlSequenceNode)service["cap_drop"]).Select(node => node.ToString()));
        Assert.Equal(["no-new-privileges:true"], ((YamlSequenceNode)service["security_opt"]).Select(node => node.ToString()));
        Assert.Contains(((YamlSequenceNode)service["volumes"]).OfType<YamlScalarNode>(), volume => volume.Value == "./data/outputs:/data/outputs:ro");
        Assert.Equal(
            SystemdUnits.StopTime,
            TimeSpan.FromSeconds(int.Parse(Scalar(service, "stop_grace_period").TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_image_is_built_from_files_that_there_are_runs_as_nobody_special_and_knows_its_own_health()
    {
        var lines = File.ReadAllLines(Repository.At("deploy/Dockerfile"));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])
            .ToList();
        Assert.Contains("NasSync.psd1", copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Repository.At(path)), path));

        // What is left out of the build's context must not be copied from it.
        var sent =
            File.ReadAllLines(Repository.At("deploy/Dockerfile.dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        Assert.All(copied, path => Assert.Contains(sent, one => path == one || path.StartsWith($"{one}/", StringComparison.Ordinal)));
        Assert.Equal("USER nassync", lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal)
            && line.EndsWith("CMD [\"/bin/bash\", \"/opt/nassync/healthcheck\"]", StringComparison.Ordinal));
        Assert.Contains("COPY deploy/healthcheck /opt/nassync/healthcheck", lines);
        Assert.StartsWith(
            lines.Single(line => line.Contains("/sdk:", StringComparison.Ordinal)).Split("sdk:")[1][..4], SdkVersion(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_folders_of_the_image_the_compose_file_and_its_variables_are_the_same()
    {
        var environment = Compose();
        var mounted = ((YamlSequenceNode)Service()["volumes"])
            .Select(volume => volume is YamlMappingNode bind ? Scalar(bind, "target") : volume.ToString().Split(':')[1])
            .ToList();
        string[] wanted =
            [environment["OUTPUTS_DIR"], environment["NAS_SYNC_WORK_DIR"], Path.GetDirectoryName(environment["NAS_SYNC_LOG_FILE"])!, "/mnt/nas"];
        Assert.Equal(wanted.Order(), mounted.Order());
        Assert.All(
            environment.Where(pair => pair.Key.StartsWith("NAS_REMOTE_ROOT_", StringComparison.Ordinal)),
            root => Assert.StartsWith("/mnt/nas/", root.Value, StringComparison.Ordinal));

        // The image makes them for its own account, so that a new volume can be written to, and has the same defaults.
        var dockerfile = File.ReadAllText(Repository.At("deploy/Dockerfile"));
        var made = Regex.Match(dockerfile, @"install -d -o ""\$UID"" -g ""\$GID"" (.*)").Groups[1].Value.Split(' ');
        Assert.All(wanted[..3], folder => Assert.Contains(folder, made));
        Assert.All(
            new[] { "OUTPUTS_DIR", "NAS_SYNC_WORK_DIR", "NAS_SYNC_LOG_FILE" },
            name => Assert.Contains($"{name}={environment[name]}", dockerfile, StringComparison.Ordinal));
    }

    private static string SdkVersion() => Regex.Match(File.ReadAllText(Repository.At("global.json")), "\"version\": \"([0-9.]+)\"").Groups[1].Value;

    private static IEnumerable<string> Settings(string unit) => unit.Split('\n').Where(line => line.Length > 0 && line[0] != '#');

    internal static Dictionary<string, string> Compose() =>
        ((YamlMappingNode)Service()["environment"]).ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString());

    private static string Scalar(YamlNode node, string key) => node[key].ToString();

    private static YamlMappingNode Service()
    {
        var yaml = new YamlStream();
        using var reader = new StringReader(File.ReadAllText(Repository.At("deploy/compose.yaml")));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode["services"]["nassync"];
    }
}
