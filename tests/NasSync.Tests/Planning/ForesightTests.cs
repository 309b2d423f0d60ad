using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>What is asked of places ahead of a plan is what the plan asks, and nothing for what it refuses anyway.</summary>
public sealed class ForesightTests
{
    private static readonly FileState There = new(7, 1, 0, 0);

    [Fact]
    public void A_source_that_is_there_has_its_targets_foreseen_and_one_that_is_gone_has_none()
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"), InMemory.Artifact("b.m4a"));
        Assert.Equal(["a.m4a"], Foreseen(manifest, There, null));
        Assert.Equal([], Foreseen(manifest, null, null));
        Assert.Equal(["a.m4a", "b.m4a"], Foreseen(manifest, There, There));
        Assert.Equal(["a.m4a", "b.m4a"], Foreseen(manifest, null));
    }

    [Fact]
    public void A_source_that_is_not_as_its_manifest_declares_has_no_target_foreseen()
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a") with { Size = 8 }, InMemory.Artifact("b.m4a") with { Size = 7 });
        Assert.Equal(["b.m4a"], Foreseen(manifest, There, There));
    }

    [Fact]
    public void Artifacts_that_would_take_each_others_place_have_no_target_foreseen()
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"), InMemory.Artifact("x/song.m4a"), InMemory.Artifact("y/SONG.m4a"));
        Assert.Equal(["a.m4a"], Foreseen(manifest, There, There, There));
        Assert.Equal(["a.m4a"], Foreseen(manifest, There, There, null));
    }

    private static IEnumerable<string> Foreseen(Manifest manifest, params FileState?[]? seen) => Foresight
        .Of(manifest, [.. manifest.Artifacts.Select(
            artifact => InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, InMemory.Target(artifact.RelativePath.FileName)))], seen)
        .Select(target => target.Path);
}
