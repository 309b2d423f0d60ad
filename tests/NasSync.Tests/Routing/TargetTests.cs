using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NasSync.Config;
using NasSync.Routing;
using NasSync.Tests.Support;

namespace NasSync.Tests.Routing;

public sealed class TargetTests
{
    private static readonly SyncConfig Places = new()
    {
        WorkDir = "/work",
        RemoteRoots = new Dictionary<string, string> { ["audio"] = "/mnt/nas/Music/", ["slash"] = "/", ["below"] = "media/audio" },
        Destinations = new Dictionary<string, DestinationConfig>
        {
            ["studio"] = new SftpDestinationConfig { Name = "studio", Host = "nas", Root = "/volume1/media" },
            ["cloud"] = new S3DestinationConfig { Name = "cloud", Bucket = "b", Prefix = "artifacts" },
            ["vault"] = new RsyncDestinationConfig { Name = "vault", Target = "backup@vault:/srv/media" },
            ["disk"] = new LocalDestinationConfig { Name = "disk", Root = "/mnt/disk/" },
            ["c"] = new LocalDestinationConfig { Name = "c", Root = "/mnt/c" },
        },
    };

    [Theory]
    [InlineData("/nas", "local", "/nas", "song.m4a")]
    [InlineData("/nas/", "local", "/nas", "song.m4a")]
    [InlineData("/nas//a/./b/../c", "local", "/nas/a/c", "song.m4a")]
    [InlineData("/", "local", "/", "song.m4a")]
    [InlineData("/nas/${artist}", "local", "/nas", "Ada Quill/song.m4a")]
    [InlineData("/nas/x-${artist}/y/${album}/", "local", "/nas", "x-Ada Quill/y/Paper Moons/song.m4a")]
    [InlineData("/${artist}", "local", "/", "Ada Quill/song.m4a")]
    [InlineData("/nas/$${x}/${title}", "local", "/nas/${x}", "Northern Line/song.m4a")]
    [InlineData("/nas/C:/${title}", "local", "/nas/C:", "Northern Line/song.m4a")]
    [InlineData("${remoteRoots.audio}", "local", "/mnt/nas/Music", "song.m4a")]
    [InlineData("${remoteRoots.AUDIO}/Instrumental", "local", "/mnt/nas/Music", "Instrumental/song.m4a")]
    [InlineData("${remoteRoots.slash}/x", "local", "/", "x/song.m4a")]
    [InlineData("studio:audio/${artist}", "studio", "/volume1/media", "audio/Ada Quill/song.m4a")]
    [InlineData("STUDIO:/audio/", "studio", "/volume1/media", "audio/song.m4a")]
    [InlineData("studio:", "studio", "/volume1/media", "song.m4a")]
    [InlineData("studio:${kind}/${variant}", "studio", "/volume1/media", "audio/instrumental/song.m4a")]
    [InlineData("studio:${remoteRoots.below}/x", "studio", "/volume1/media", "media/audio/x/song.m4a")]
    [InlineData("cloud:audio/${jobId}", "cloud", "artifacts", "audio/job_1/song.m4a")]
    [InlineData("vault:a", "vault", "backup@vault:/srv/media", "a/song.m4a")]
    [InlineData("disk:a", "disk", "/mnt/disk", "a/song.m4a")]
    public void A_template_leads_to_a_place(string to, string destination, string root, string path)
    {
        var target = Assert.Single(Resolve(to).Targets);
        Assert.Equal((destination, root, path), (target.Destination, target.Root, target.Path));
    }

    [Theory]
    [InlineData(TransferMethod.Sftp, "/audio/${artist}", "sftp", "/srv", "audio/Ada Quill/song.m4a")]
    [InlineData(TransferMethod.Scp, "${remoteRoots.audio}/x", "sftp", "/srv", "mnt/nas/Music/x/song.m4a")]
    [InlineData(TransferMethod.Sftp, "disk:a", "disk", "/mnt/disk", "a/song.m4a")]
    [InlineData(TransferMethod.S3, "${kind}/x", "s3", "pre", "audio/x/song.m4a")]
    [InlineData(TransferMethod.Rsync, "${remoteRoots.audio}/x", "rsync", "/mnt/nas/Music", "x/song.m4a")]
    [InlineData(TransferMethod.Rsync, "/srv/a/${artist}", "rsync", "/srv/a", "Ada Quill/song.m4a")]
    public void With_another_method_a_plain_path_lies_in_the_methods_destination(
        TransferMethod method, string to, string destination, string root, string path)
    {
        var config = Places with
        {
            Method = method,
            Destinations = new Dictionary<string, DestinationConfig>(Places.Destinations)
            {
                ["sftp"] = new SftpDestinationConfig { Name = "sftp", Host = "nas", Root = "/srv" },
                ["s3"] = new S3DestinationConfig { Name = "s3", Bucket = "b", Prefix = "pre" },
                ["rsync"] = new RsyncDestinationConfig { Name = "rsync", Target = "" },
            },
        };
        var target = Assert.Single(Resolve(to, config: config).Targets);
        Assert.Equal((destination, root, path), (target.Destination, target.Root, target.Path));
    }

    [Fact]
    public void A_method_without_its_destination_fails_plain_paths_only()
    {
        var config = Places with { Method = TransferMethod.Sftp };
        Assert.Equal("NoDefaultDestination", Resolve("/x", config: config).Failure!.Code);
        Assert.Single(Resolve("studio:x", config: config).Targets);
    }

    [Fact]
    public void A_target_of_a_named_local_destination_is_shown_by_name() => Assert.Equal("disk:a/song.m4a", Resolve("disk:a").Targets[0].Display);

    [Theory]
    [InlineData("${artist}/x", "RouteInvalid", "is not a full path")]
    [InlineData("relative/x", "RouteInvalid", "is not a full path")]
    [InlineData("", "RouteInvalid", "is not a full path")]
    [InlineData("c:/x", "RouteInvalid", "is not a full path")]
    [InlineData("C:\\x\\${artist}", "RouteInvalid", "is not a full path")]
    [InlineData("stduio:x", "UnknownDestination", "there is no destination 'stduio'")]
    [InlineData("user@host:/x", "UnknownDestination", "there is no destination 'user@host'")]
    [InlineData("/nas/${artist}/../x", "RouteInvalid", "contains '..'")]
    [InlineData("studio:../x", "RouteInvalid", "contains '..'")]
    [InlineData("studio:%2e%2e/x", "RouteInvalid", "hides a '..'")]
    [InlineData("${remoteRoots.audio}/../x", "RouteInvalid", "contains '..'")]
    [InlineData("${remoteRoots.audio}x", "RouteInvalid", "a '/' is missing")]
    [InlineData("${remoteRoots.audio}${artist}", "RouteInvalid", "a '/' is missing")]
    [InlineData("/nas/${remoteRoots.audio}", "RouteInvalid", "has ${remoteRoots.audio} in the middle")]
    [InlineData("${remoteRoots.below}/x", "RouteInvalid", "is not a full path")]
    [InlineData("/nas/${artist}\\x", "RouteInvalid", "contains a backslash")]
    [InlineData("/nas/${artist}/a\nb", "RouteInvalid", "contains a control character")]
    [InlineData("/n\0s", "RouteInvalid", "is not a full path")]
    [InlineData("/nas/${artst}", "RouteInvalid", "has a mistake at character 8")]
    public void A_template_that_leads_nowhere_fails_the_artifact_and_names_the_route(string to, string code, string part)
    {
        var decision = Resolve(to);
        Assert.Empty(decision.Targets);
        Assert.Equal((FailureClass.Config, code), (decision.Failure!.Class, decision.Failure.Code));
        Assert.Contains("'out/song.m4a' of job 'job_1' has no target: route 1 (*): ", decision.Failure.Message, StringComparison.Ordinal);
        Assert.Contains(part, decision.Failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(decision.Failure.Hint);
    }

    [Fact]
    public void An_unknown_destination_names_the_nearest() =>
        Assert.Contains("did you mean 'studio'?", Resolve("stduio:x").Failure!.Hint, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "song.m4a")]
    [InlineData("${artist} - ${title} (${label})${ext}", "Ada Quill - Northern Line (Instrumental).m4a")]
    [InlineData("${name}-${jobId}${ext}", "song-job_1.m4a")]
    [InlineData("${processedAt:yyyy-MM} ${fileName}", "2026-01 song.m4a")]
    [InlineData("${processedAt} ${kind} ${variant} ${sourceType} ${album}${ext}", "2026-01-14 audio instrumental youtube Paper Moons.m4a")]
    [InlineData("${codec}.${container}", "unknown.unknown")]
    [InlineData(" x ", "x")]
    [InlineData("", "unknown")]
    [InlineData("...", "unknown")]
    public void A_file_gets_the_name_that_the_route_gives_it(string? name, string expected) =>
        Assert.Equal(expected, Resolve("/nas", name).Targets[0].Path);

    [Theory]
    [InlineData("x/${name}", "contains '/'")]
    [InlineData("x\\${name}", "contains a backslash")]
    [InlineData("${remoteRoots.audio}", "contains ${remoteRoots.audio}")]
    [InlineData("${nam}", "has a mistake at character 3")]
    public void A_name_that_is_no_single_name_fails_the_artifact(string name, string part) =>
        Assert.Contains(part, Resolve("/nas", name).Failure!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("${artist}", "Unknown Artist")]
    [InlineData("${album}", "Unknown Album")]
    [InlineData("${title}", "Untitled")]
    [InlineData("${sourceType}", "unknown")]
    [InlineData("${variant}", "unknown")]
    [InlineData("${label}", "unknown")]
    [InlineData("${processedAt:yyyy}", "unknown")]
    [InlineData("${name}${ext}", "bare")]
    [InlineData("${ext}", "unknown")]
    public void A_missing_value_has_a_name_of_its_own(string name, string expected)
    {
        var manifest = new Manifest
        {
            JobId = "j",
            Artifacts = [InMemory.Artifact("bare", variant: null)],
            Path = "/o/j/manifest.json",
            Generation = "0",
            Artist = " ",
            Title = "..",
        };
        var table = new RouteTable(Places with { Routes = [RouteTableTests.Route(1, null, null, "/nas") with { As = name }] });
        Assert.Equal(expected, table.Resolve(manifest)[0].Targets[0].Path);
    }

    [Theory]
    [InlineData("x/C:", "C_")]
    [InlineData("x/%2fodd.m4a", "_2fodd.m4a")]
    [InlineData("x/ spaces .m4a ", " spaces .m4a ")]
    [InlineData("x/a\nb.m4a", "a\nb.m4a")]
    public void The_artifacts_own_name_stays_unless_it_could_be_a_drive(string path, string expected)
    {
        var manifest = InMemory.Manifest("j", InMemory.Artifact(path));
        var table = new RouteTable(Places with { Routes = [RouteTableTests.Route(1, null, null, "/nas")] });
        Assert.Equal(expected, table.Resolve(manifest)[0].Targets[0].Path);
    }

    [Fact]
    public void A_wrong_route_fails_only_the_artifacts_that_it_takes()
    {
        var table = new RouteTable(
            Places with { Routes = [RouteTableTests.Route(1, "video", null, "nowhere"), RouteTableTests.Route(2, null, null, "/nas")] });
        var decisions = table.Resolve(InMemory.Manifest("j", InMemory.Artifact("a.mp4", "video"), InMemory.Artifact("b.m4a")));
        Assert.NotNull(decisions[0].Failure);
        Assert.Single(decisions[1].Targets);
    }

    [Theory]
    [InlineData(TransferMethod.Local, "/nas", false)]
    [InlineData(TransferMethod.Local, "${remoteRoots.audio}", false)]
    [InlineData(TransferMethod.Local, "disk:a", true)]
    [InlineData(TransferMethod.Local, "cloud:a", true)]
    [InlineData(TransferMethod.Sftp, "/nas", true)]
    public void A_table_knows_whether_all_goes_to_folders_without_a_name(TransferMethod method, string to, bool named)
    {
        var sftp = new SftpDestinationConfig { Name = "sftp", Host = "nas", Root = "/" };
        var config =
            Places with { Method = method, Destinations = new Dictionary<string, DestinationConfig>(Places.Destinations) { ["sftp"] = sftp } };
        var table = new RouteTable(
            config with { Routes = [RouteTableTests.Route(1, "video", null, "/nas"), RouteTableTests.Route(2, null, null, to)] });
        var target = table.Resolve(InMemory.Manifest("j", InMemory.Artifact("a.m4a")))[0].Targets[0];
        Assert.Equal((named, named), (table.LeadsToNamed, target.Destination != Target.LocalName));
    }

    [Fact]
    public void A_route_leads_to_several_places_in_its_order()
    {
        var table = new RouteTable(Places with { Routes = [RouteTableTests.Route(1, null, null, "vault:a", "/nas/${artist}", "cloud:b")] });
        Assert.Equal(
            ["vault:a/song.m4a", "/nas/Ada Quill/song.m4a", "cloud:b/song.m4a"],
            table.Resolve(InMemory.Manifest("j", InMemory.Artifact("out/song.m4a")))[0].Targets.Select(target => target.Display));
    }

    [Fact]
    public void Whatever_a_manifest_says_the_target_stays_below_its_root_at_its_depth()
    {
        var table = new RouteTable(
            Places with { Routes = [RouteTableTests.Route(1, null, null, "/nas/${artist}/x ${album}/${label}") with { As = "${title}${ext}" }] });
        Check.One(
            SameEachTime.Tries(1000),
            Prop.ForAll(
                Arb.From(NastyText.Any.Generator.ArrayOf(4)),
                texts =>
                {
                    var artifact = InMemory.Artifact("song.m4a", label: texts[2]);
                    var manifest = InMemory.Manifest("j", artifact) with { Artist = texts[0], Album = texts[1], Title = texts[3] };
                    var target = Assert.Single(table.Resolve(manifest, artifact).Targets);
                    Assert.Equal("/nas", target.Root);
                    Assert.Equal(4, target.RelativePath.Components.Count);
                    Assert.EndsWith(".m4a", target.Path, StringComparison.Ordinal);
                    Assert.All(
                        target.RelativePath.Components,
                        component => Assert.InRange(Encoding.UTF8.GetByteCount(component), 1, SafeName.MaxBytes));
                    Assert.StartsWith("/nas/", Path.GetFullPath(target.Display), StringComparison.Ordinal);
                }));
    }

    private static RouteDecision Resolve(string to, string? name = null, SyncConfig? config = null)
    {
        var artifact = InMemory.Artifact("out/song.m4a", label: "Instrumental");
        var table = new RouteTable((config ?? Places) with { Routes = [RouteTableTests.Route(1, null, null, to) with { As = name }] });
        return table.Resolve(InMemory.Manifest("job_1", artifact), artifact);
    }
}
