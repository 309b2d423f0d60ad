using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NasSync.Config;
using NasSync.Config.Reading;
using NasSync.Tests.Support;

namespace NasSync.Tests.Config;

/// <summary>The schema, the starter file and the printed configuration, and that all of them know every setting.</summary>
public sealed partial class ConfigOutputTests
{
    private static readonly string[] Settings =
        [.. ConfigSchema.SettingsOf(typeof(SyncConfig)).Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..])];

    [Fact]
    public void Every_property_of_the_configuration_stands_in_the_reader()
    {
        var (problems, paths) = (new ProblemList(), new PathResolver("/", null));
        var reader = new MappingReader(new MapNode(new("x", 1, 1), []), "nasSync", problems, paths);
        YamlSettings.Apply(reader, new(new() { WorkDir = "/" }));

        Assert.Equal(Settings.Order(), reader.Asked.Order());
    }

    [Fact]
    public void Every_property_of_the_configuration_stands_in_the_schema()
    {
        var schema = JsonNode.Parse(ConfigSchema.Json())!;

        Assert.Equal(Settings, schema["properties"]!["nasSync"]!["properties"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public void Every_property_of_the_configuration_stands_in_the_starter_file()
    {
        var keys = KeyLine().Matches(ConfigTemplate.Yaml()).Select(match => match.Groups[1].Value);

        Assert.Empty(Settings.Except(keys));
    }

    [Fact]
    public void Every_sentence_about_a_setting_is_in_the_schema()
    {
        var schema = ConfigSchema.Json();

        Assert.All(SettingDocs.Names, name => Assert.Contains(SettingDocs.Of(name), schema, StringComparison.Ordinal));
    }

    [Fact]
    public void The_schema_has_defaults_ranges_choices_and_required_keys()
    {
        var schema = JsonNode.Parse(ConfigSchema.Json())!;
        var settings = schema["properties"]!["nasSync"]!["properties"]!;

        Assert.Equal(
            """{"type":"integer","minimum":1,"maximum":64,"description":"The number of copies at a time to each place.","default":4}""",
            settings["transfers"]!.ToJsonString());
        Assert.Equal("5m", (string?)settings["retry"]!["properties"]!["maxDelay"]!["default"]);
        Assert.Equal("""["local","rsync","scp","sftp","s3"]""", settings["method"]!["enum"]!.ToJsonString());
        Assert.Equal("""["to"]""", schema["$defs"]!["route"]!["required"]!.ToJsonString());
        Assert.Equal("""["type","host","root"]""", settings["destinations"]!["additionalProperties"]!["oneOf"]![2]!["required"]!.ToJsonString());
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)schema["$schema"]);
    }

    [Fact]
    public void The_starter_file_has_no_problem_and_says_the_defaults()
    {
        var config = ConfigText.Good(ConfigTemplate.Yaml());

        var defaults = new SyncConfig
        {
            WorkDir = config.WorkDir,
            OutputsDir = config.OutputsDir,
            RemoteRoots = config.RemoteRoots,
            Routes = [.. SyncConfig.DefaultRoutes],
        };
        Assert.Equal(ConfigPrinter.Yaml(defaults), ConfigPrinter.Yaml(config));
    }

    [Fact]
    public void The_starter_file_has_no_problem_with_everything_in_it_switched_on()
    {
        var config = ConfigText.Good(Commented().Replace(ConfigTemplate.Yaml(), "$1"));

        Assert.Equal(4, config.Destinations.Count);
        Assert.Equal(5, config.Routes.Count);
        Assert.Single(config.Webhooks);
        Assert.EndsWith("nas-sync.jsonl", config.LogFile);
    }

    [Fact]
    public void A_printed_configuration_reads_back_as_the_same()
    {
        foreach (var text in new[]
        {
            YamlTests.Everything, ConfigTemplate.Yaml(), "nasSync: { method: sftp, destinations: { sftp: { type: scp, host: nas, root: / } } }",
            YamlTests.Kept, YamlTests.Lines,
            "nasSync: { destinations: { cloud: { type: s3, bucket: abc, contentTypes: { .m4a: audio/x-m4a, .Txt: 'text/plain; charset=utf-8' } } } }",
        })
        {
            var printed = ConfigPrinter.Yaml(ConfigText.Good(text));
            Assert.Equal(printed, ConfigPrinter.Yaml(ConfigText.Good(printed)));
        }
    }

    [Fact]
    public void A_printed_configuration_says_where_each_setting_comes_from()
    {
        using var folder = new TempFolder();
        var result = ConfigText.Load(
            folder.Path,
            "nasSync: { transfers: 9, remoteRoots: { audio: /mnt/a, stems: } }",
            ("NAS_REMOTE_ROOT_VIDEO", "/mnt/v"), ("NAS_LOG_LEVEL", "ERROR"));

        Assert.Equal(
            $$"""
            nasSync:
              enabled: true                          # default
              # outputsDir:                          # default, not set
              settle: 2s                             # default
              settleTimeout: 1m                      # default
              finishedJobs: keep                     # default
              refuseHardLinks: false                 # default
              followJobLinks: false                  # default
              workDir: {{folder["nas-sync-work"]}} # default
              # ledger:                              # default, not set
              allowNetworkWorkDir: false             # default
              # logFile:                             # default, not set
              logMaxSize: 50MiB                      # default
              logMaxAge: 7d                          # default
              logKeep: 5                             # default
              # debugLog:                            # default, not set
              method: local                          # default
              remoteRoots:                           # nas-sync.yaml:1
                audio: /mnt/a                        # nas-sync.yaml:1
                stems:                               # nas-sync.yaml:1, not set
                video: /mnt/v                        # NAS_REMOTE_ROOT_VIDEO
              # fileMode:                            # default, not set
              # dirMode:                             # default, not set
              # owner:                               # default, not set
              # group:                               # default, not set
              destinations: {}                       # default
              # routes:                              # default
              #   - match: { kind: audio, variant: instrumental }
              #     to: ["${remoteRoots.audio}/Instrumental"]
              #     onConflict: keepBoth
              #     verify: checksum
              #     release: keep
              #   - match: { kind: audio, variant: no_drums }
              #     to: ["${remoteRoots.audio}/Instrumental (no drums)"]
              #     onConflict: keepBoth
              #     verify: checksum
              #     release: keep
              #   - match: { kind: audio, variant: drums_only }
              #     to: ["${remoteRoots.audio}/Drums only"]
              #     onConflict: keepBoth
              #     verify: checksum
              #     release: keep
              #   - match: { kind: video, variant: source }
              #     to: ["${remoteRoots.video}"]
              #     onConflict: keepBoth
              #     verify: checksum
              #     release: keep
              transfers: 9                           # nas-sync.yaml:1
              retry: { maxAttempts: 5, baseDelay: 5s, maxDelay: 5m } # default
              bandwidthLimit: []                     # default
              webhooks: []                           # default
              skipOnMissingRemote: true              # default
              dryRun: false                          # default
              daemonMode: false                      # default
              pollInterval: 5s                       # default
              logLevel: error                        # NAS_LOG_LEVEL
              metricsPort: 0                         # default
              metricsAddress: 127.0.0.1              # default
              # otlpEndpoint:                        # default, not set

            """,
            ConfigPrinter.Yaml(result.Config!, result.Origins));
    }

    [GeneratedRegex(@"^  (?:# )?([A-Za-z]+):", RegexOptions.Multiline)]
    private static partial Regex KeyLine();

    // '  # key: …' and its continuation '  #   …', but not prose, which begins with a capital or a placeholder.
    [GeneratedRegex(@"^( +)# (?=[a-z][A-Za-z]*: |destinations:|  [a-z]|- match)", RegexOptions.Multiline)]
    private static partial Regex Commented();
}
