using System.Text;
using NasSync.Config;
using NasSync.Routing;
using NasSync.Templates;
using NasSync.Tests.Support;

namespace NasSync.Tests.Routing;

/// <summary>Broken templates, and manifests whose values are anything: a target below its root, or a reason.</summary>
public sealed class RouteFuzzTests(ITestOutputHelper output)
{
    private static readonly SyncConfig Places = new()
    {
        WorkDir = "/work",
        RemoteRoots = new Dictionary<string, string> { ["audio"] = "/mnt/nas/Music/", ["below"] = "media/audio" },
        Destinations = new Dictionary<string, DestinationConfig>
        {
            ["studio"] = new SftpDestinationConfig { Name = "studio", Host = "nas", Root = "/volume1/media" },
            ["cloud"] = new S3DestinationConfig { Name = "cloud", Bucket = "b", Prefix = "artifacts" },
            ["vault"] = new RsyncDestinationConfig { Name = "vault", Target = "backup@vault:/srv/media" },
        },
    };

    private static readonly string[] Samples =
    [
        "/nas/${artist}/x-${album}\n${title} (${label})${ext}\nAda Quill\nPaper Moons\nNorthern Line",
        "${remoteRoots.audio}/Instrumental\n${processedAt:yyyy-MM} ${fileName}\nA\nB\nC",
        "studio:audio/${jobId}/$${x}\n${name}-${kind}-${variant}${ext}\n..\n/etc\n%2e%2e",
        "cloud:${sourceType}/${codec}.${container}\n\n．．\nC:\n\u202e",
        "vault:${remoteRoots.below}/${processedAt}\n${processedAt:HH:mm}\n~\n-rf\n'",
    ];

    private static readonly string[] Pieces =
    [
        "${", "}", "$${", "$", ":", ".", "..", "/", "\\", "../", "/..", "\n", "\0", "%2e", "%2f", "%252e", "．", "／", "‥", "∕", "\u200b", "\u202e",
        "\ud83c", "CON", "C:", "~", "studio:", "cloud:", "vault:",
        "${artist}", "${album}", "${title}", "${label}", "${jobId}", "${ext}", "${name}", "${fileName}", "${remoteRoots.audio}",
        "${remoteRoots.below}", "${remoteRoots.", "${processedAt:", "yyyy", "'", "d", "%d", new('a', 300),
    ];

    /// <summary>The lines of an input: `to`, `as` (an empty one is none), artist, album, title.</summary>
    [Fact]
    public void Whatever_a_route_and_a_manifest_say_the_target_stays_below_its_root()
    {
        var answers = Fuzzer.OfTexts(Samples, Pieces).Run(output, bytes => Read(Encoding.UTF8.GetString(bytes).Split('\n')));
        Assert.All(["target", "RouteInvalid", "UnknownDestination"], answer => Assert.Contains(answer, answers.Keys));
    }

    private static string Read(string[] lines)
    {
        var to = Line(0);
        if (PathTemplate.TryParse(to, out var template, out var problem)) Assert.Equal(to, template.ToString());
        else Assert.InRange(problem.Offset, 0, to.Length);
        var artifact = InMemory.Artifact("out/song.m4a", label: Line(4));
        var manifest = InMemory.Manifest("job_1", artifact) with { Artist = Line(2), Album = Line(3), Title = Line(4) };
        var route = RouteTableTests.Route(1, null, null, to) with { As = Line(1).Length == 0 ? null : Line(1) };
        var decision = new RouteTable(Places with { Routes = [route] }).Resolve(manifest, artifact);
        if (decision.Failure is { } failure)
        {
            Assert.Empty(decision.Targets);
            Assert.NotEmpty(failure.Hint);
            return failure.Code;
        }

        if (decision.SkipReason is not null) return "skipped";
        var target = Assert.Single(decision.Targets);
        Assert.Equal(target.RelativePath, RelativePath.Parse(target.Path));
        Assert.InRange(Encoding.UTF8.GetByteCount(target.RelativePath.FileName), 1, 255);
        Assert.StartsWith("/root/", Path.GetFullPath($"/root/{target.Path}"), StringComparison.Ordinal);
        return "target";

        string Line(int number) => number < lines.Length ? lines[number] : "";
    }
}
