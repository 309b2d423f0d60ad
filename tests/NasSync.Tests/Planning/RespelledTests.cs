using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>A job gives its file, or the name that the file gets, another case or another normalization: its own copy is no stranger.</summary>
public sealed class RespelledTests
{
    private readonly MemoryWorld _world = new();

    [Theory]
    [InlineData("song.mp4", "Song.mp4")]
    [InlineData("Caf\u00e9.mp4", "Cafe\u0301.mp4")]
    public void The_copy_gets_the_new_name_and_the_one_of_the_earlier_goes(string before, string after)
    {
        _world.Source("job_1", before, "content");
        Sync(Job(before));
        _world.RemoveSource("job_1", before);
        _world.Source("job_1", after, "content");

        var item = Plan(Job(after));
        Assert.Equal((PlanAction.Copy, $"/nas/{after}", $"/nas/{before}"), (item.Action, item.Target!.Display, item.Respells!.Target.Display));
        Assert.Equal($"/nas/{before}", SyncItem.Of(item, SyncItemResult.Planned).Respells);

        _world.CarryOut(new([item]));
        Assert.Equal([$"local|/nas/{after}"], _world.Files.Keys);
        Assert.Equal(PlanAction.Unchanged, Plan(Job(after)).Action);

        // And back again.
        _world.RemoveSource("job_1", after);
        _world.Source("job_1", before, "content");
        Sync(Job(before));
        Assert.Equal([$"local|/nas/{before}"], _world.Files.Keys);
    }

    [Fact]
    public void A_name_that_its_route_spells_in_another_way_now_changes_too()
    {
        _world.Source("job_1", "song.mp4", "content");
        Sync(Job("song.mp4", "northern line.mp4"));
        Sync(Job("song.mp4", "Northern Line.mp4"));

        Assert.Equal(["local|/nas/Northern Line.mp4"], _world.Files.Keys);
        Assert.Equal(PlanAction.Unchanged, Plan(Job("song.mp4", "Northern Line.mp4")).Action);
    }

    [Fact]
    public void A_name_beside_a_strangers_changes_beside_it()
    {
        _world.Put(InMemory.Target("song.mp4"), "a strangers");
        _world.Source("job_1", "song.mp4", "content");
        Sync(Job("song.mp4"));
        _world.RemoveSource("job_1", "song.mp4");
        _world.Source("job_1", "Song.mp4", "content");
        Sync(Job("Song.mp4"));

        Assert.Equal(["local|/nas/Song (job_1).mp4", "local|/nas/song.mp4"], _world.Files.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_strangers_file_of_the_new_name_is_left_and_so_is_the_copy()
    {
        _world.Source("job_1", "song.mp4", "content");
        Sync(Job("song.mp4"));
        _world.Put(InMemory.Target("Song.mp4"), "a strangers");

        var item = Plan(Job("song.mp4", "Song.mp4"));
        Assert.Equal((PlanAction.Adopt, "/nas/song.mp4", false), (item.Action, item.Target!.Display, item.IsAdopted));
        _world.CarryOut(new([item]));
        _world.ResetCounts();
        Assert.Equal(
            (PlanAction.Unchanged, "/nas/song.mp4"),
            Plan(Job("song.mp4", "Song.mp4")) is var again ? (again.Action, again.Target!.Display) : default);
        Assert.Equal(0, _world.TargetQuestions);
    }

    [Fact]
    public void A_strangers_copy_of_the_copy_is_not_taken_for_it_where_no_inode_tells_them_apart()
    {
        var world = new MemoryWorld { HasInodes = false };
        world.Source("job_1", "song.mp4", "content");
        world.CarryOut(new([Plan(world, Job("song.mp4"))]));
        world.Put(InMemory.Target("Song.mp4"), "content");
        world.RemoveSource("job_1", "song.mp4");
        world.Source("job_1", "Song.mp4", "content");
        var item = Plan(world, Job("Song.mp4"));
        Assert.Equal((PlanAction.Adopt, "/nas/song.mp4", false), (item.Action, item.Target!.Display, item.IsAdopted));

        world.CarryOut(new([item]));
        world.Source("job_1", "Song.mp4", "other content");
        Assert.Equal("/nas/song.mp4", Plan(world, Job("Song.mp4")).Target!.Display);
    }

    [Fact]
    public void Two_artifacts_of_one_manifest_stay_two()
    {
        _world.Source("job_1", "a/song.mp4", "one").Source("job_1", "b/Song.mp4", "two");
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a/song.mp4"), InMemory.Artifact("b/Song.mp4"));
        var decisions = manifest.Artifacts.Select((artifact, at) =>
            InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, InMemory.Target($"{at}/{artifact.RelativePath.FileName}"))).ToList();
        _world.CarryOut(new Planner().Plan(manifest, decisions, _world));

        Assert.All(new Planner().Plan(manifest, decisions, _world).Items, item => Assert.Equal(PlanAction.Unchanged, item.Action));
        Assert.Equal(2, _world.Files.Count);
    }

    [Fact]
    public void What_is_not_ours_or_has_no_source_left_keeps_its_name()
    {
        _world.Put(InMemory.Target("song.mp4"), "content");
        _world.Source("job_1", "song.mp4", "content");
        Sync(Job("song.mp4"));
        Assert.True(_world.Rows[0].IsAdopted);

        Assert.Null(Plan(Job("song.mp4", "Song.mp4")).Respells);
    }

    private static RouteDecision Job(string artifact, string? name = null)
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact(artifact));
        return InMemory.Decision(manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target(name ?? artifact));
    }

    private PlanItem Plan(RouteDecision decision) => Plan(_world, decision);

    private static PlanItem Plan(MemoryWorld world, RouteDecision decision) =>
        Assert.Single(new Planner().Plan(decision.Manifest, [decision], world).Items);

    private void Sync(RouteDecision decision) => _world.CarryOut(new([Plan(decision)]));
}
