using NasSync.Config;
using NasSync.Routing;
using NasSync.Tests.Support;

namespace NasSync.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly Artifact Instrumental = InMemory.Artifact("out/song.m4a");
    private static readonly Artifact Vocals = InMemory.Artifact("stems/vocals.wav", "stems", "vocals");

    [Fact]
    public void The_first_route_that_matches_wins_and_every_route_says_why()
    {
        var decision = Resolve(
            Instrumental,
            Config(Route(1, "video", null, "/nas/v"), Route(2, "audio", "vocals", "/nas/x"), Route(
                3, "AUDIO", " Instrumental ", "/nas/a"), Route(4, null, null, "/nas/z")));

        Assert.Equal(3, decision.Route!.Number);
        Assert.Equal("/nas/a/song.m4a", Assert.Single(decision.Targets).Display);
        Assert.Equal(
            [
                "kind is 'audio', the route wants 'video'",
                "variant is 'instrumental', the route wants 'vocals'",
                "kind 'audio' and variant 'instrumental' match",
                "not reached: route 3 won",
            ],
            decision.Verdicts.Select(verdict => verdict.Reason));
        Assert.Equal([false, false, true, false], decision.Verdicts.Select(verdict => verdict.Matched));
    }

    [Theory]
    [InlineData("audio", null, "kind 'audio' matches")]
    [InlineData(null, "instrumental", "variant 'instrumental' matches")]
    [InlineData(null, null, "the route takes everything")]
    [InlineData("video", "source", "kind is 'audio', the route wants 'video'; variant is 'instrumental', the route wants 'source'")]
    public void A_verdict_names_what_it_compared(string? kind, string? variant, string reason) =>
        Assert.Equal(reason, Resolve(Instrumental, Config(Route(1, kind, variant, "/nas"))).Verdicts[0].Reason);

    [Fact]
    public void An_artifact_without_a_variant_is_not_taken_by_a_route_that_wants_one() =>
        Assert.Equal(
            "the artifact has no variant, the route wants 'instrumental'",
            Resolve(InMemory.Artifact("a.m4a", variant: null), Config(Route(1, "audio", "instrumental", "/nas"))).Verdicts[0].Reason);

    [Fact]
    public void Control_characters_of_a_producer_are_shown_and_not_sent_to_the_terminal() =>
        Assert.Equal(
            "kind is 'au\\u001bdio', the route wants 'video'",
            Resolve(InMemory.Artifact("a", "au\u001bdio"), Config(Route(1, "video", null, "/nas"))).Verdicts[0].Reason);

    [Fact]
    public void An_artifact_that_no_route_takes_is_skipped_with_the_reason()
    {
        var decision = Resolve(Vocals, Config(Route(1, "audio", null, "/nas")));
        Assert.Equal("no route matches kind 'stems', variant 'vocals'", decision.SkipReason);
        Assert.Null(decision.Failure);
        Assert.Empty(decision.Targets);
    }

    [Fact]
    public void An_artifact_that_no_route_takes_fails_where_the_configuration_says_so()
    {
        var failure = Resolve(Vocals, Config(Route(1, "audio", null, "/nas")) with { SkipOnMissingRemote = false }).Failure!;
        Assert.Equal((FailureClass.Config, "Unrouted"), (failure.Class, failure.Code));
        Assert.Equal("'stems/vocals.wav' of job 'job_1' has no target: no route matches kind 'stems', variant 'vocals'.", failure.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_route_whose_remote_root_is_not_set_skips_and_does_not_fall_through(string? root)
    {
        var config = Config(Route(1, "audio", null, "${remoteRoots.Audio}/x"), Route(2, null, null, "/nas/rest"));
        if (root is not null) config = config with { RemoteRoots = new Dictionary<string, string> { ["audio"] = root } };
        Assert.Equal("remote root 'Audio' is not set", Resolve(Instrumental, config).SkipReason);
        Assert.Equal("RemoteRootUnset", Resolve(Instrumental, config with { SkipOnMissingRemote = false }).Failure!.Code);
    }

    [Fact]
    public void The_four_default_routes_lead_below_their_roots()
    {
        var config = Config() with
        {
            Routes = SyncConfig.DefaultRoutes,
            RemoteRoots = new Dictionary<string, string> { ["AUDIO"] = "/mnt/a/", ["video"] = "/mnt/v" },
        };
        var manifest = InMemory.Manifest(
            "job_1", Instrumental, InMemory.Artifact("b.m4a", variant: "no_drums"), InMemory.Artifact("c.m4a", variant: "drums_only"),
            InMemory.Artifact("d.mp4", "video", "source"), Vocals);
        Assert.Equal(
            [
                "/mnt/a/Instrumental/song.m4a", "/mnt/a/Instrumental (no drums)/b.m4a", "/mnt/a/Drums only/c.m4a", "/mnt/v/d.mp4",
                "no route matches kind 'stems', variant 'vocals'",
            ],
            new RouteTable(config).Resolve(manifest).Select(decision => decision.SkipReason ?? decision.Targets[0].Display));
    }

    [Fact]
    public void A_target_that_two_templates_give_is_listed_once() =>
        Assert.Equal(
            ["/nas/Ada Quill/song.m4a"],
            Resolve(Instrumental, Config(Route(1, null, null, "/nas/Ada Quill", "/nas/${artist}", "/NAS/ada quill"))).Targets.Select(t => t.Display));

    internal static Route Route(int number, string? kind, string? variant, params string[] to) =>
        new() { Number = number, Kind = kind, Variant = variant, To = to };

    internal static SyncConfig Config(params Route[] routes) => new() { WorkDir = "/work", Routes = routes };

    private static RouteDecision Resolve(Artifact artifact, SyncConfig config) =>
        new RouteTable(config).Resolve(InMemory.Manifest("job_1", artifact), artifact);
}
