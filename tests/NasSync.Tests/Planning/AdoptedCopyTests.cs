using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>A file of another origin that has the very bytes of a source counts as its copy, and stays somebody else's.</summary>
public sealed class AdoptedCopyTests
{
    private readonly MemoryWorld _world = new();

    [Theory]
    [InlineData(ConflictPolicy.KeepBoth, PlanAction.Copy, "/nas/song (job_1).m4a")]
    [InlineData(ConflictPolicy.Overwrite, PlanAction.Copy, "/nas/song.m4a")]
    [InlineData(ConflictPolicy.Skip, PlanAction.Skip, "/nas/song.m4a")]
    [InlineData(ConflictPolicy.Fail, PlanAction.Refuse, "/nas/song.m4a")]
    public void It_gives_way_to_a_changed_source_only_where_the_route_says_so(ConflictPolicy policy, PlanAction action, string target)
    {
        _world.Put(InMemory.Target("song.m4a"), "content");
        Sync(Job("content", policy));
        Assert.True(Assert.Single(_world.Rows).IsAdopted);

        var item = Plan(Job("another version", policy));

        Assert.Equal((action, target), (item.Action, item.Target!.Display));
        if (policy == ConflictPolicy.Overwrite) Assert.Equal(7, item.Replaced!.Size);
    }

    [Fact]
    public void It_stays_so_when_it_is_looked_at_again_until_a_copy_of_our_own_takes_its_place()
    {
        _world.Put(InMemory.Target("song.m4a"), "content");
        var job = Job("content", ConflictPolicy.Overwrite);
        Sync(job);
        Assert.True(Plan(job).IsAdopted);
        Assert.Equal((PlanAction.Adopt, true), (Plan(job, force: true).Action, Plan(job, force: true).IsAdopted));

        Sync(Job("another version", ConflictPolicy.Overwrite));
        Assert.False(Assert.Single(_world.Rows).IsAdopted);
    }

    [Fact]
    public void What_we_copied_ourselves_is_ours_when_it_is_looked_at_again()
    {
        var job = Job("content");
        Sync(job);
        var again = Plan(job, force: true);
        Assert.Equal((PlanAction.Adopt, false, "the same bytes are there already"), (again.Action, again.IsAdopted, again.Reason));
    }

    [Fact]
    public void A_copy_of_ours_that_someone_made_equal_to_the_new_source_is_theirs()
    {
        Sync(Job("content"));
        _world.Put(InMemory.Target("song.m4a"), "another version", mtimeNs: 9);
        Assert.Equal((PlanAction.Adopt, true), (Plan(Job("another version")).Action, Plan(Job("another version")).IsAdopted));
    }

    [Fact]
    public void What_a_killed_run_brought_there_is_ours()
    {
        _world.Put(InMemory.Target("song.m4a"), "content");
        _world.Intend(InMemory.Unrecorded("song.m4a", 7, 1, "content"));
        Assert.Equal((PlanAction.Adopt, false), (Plan(Job("content")).Action, Plan(Job("content")).IsAdopted));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_releases_no_source_also_where_other_copies_are_ours(bool isRecorded)
    {
        _world.Put(InMemory.Target("song.m4a"), "content");
        _world.Source("job_1", "song.m4a", "content");
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("song.m4a"));
        var decision = InMemory.Decision(
            manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("song.m4a"), InMemory.Target("song.m4a", "/vault"));
        decision = decision with { Route = decision.Route! with { Release = ReleasePolicy.Delete } };
        if (isRecorded) _world.CarryOut(new Planner().Plan(manifest, [decision], _world));

        var items = new Planner().Plan(manifest, [decision], _world).Items;

        Assert.All(items, item => Assert.Equal(ReleasePolicy.Keep, item.Release));
        Assert.Equal(
            isRecorded ? [PlanAction.Unchanged, PlanAction.Unchanged] : [PlanAction.Adopt, PlanAction.Copy],
            items.Select(item => item.Action));
    }

    private RouteDecision Job(string content, ConflictPolicy policy = ConflictPolicy.KeepBoth)
    {
        if (!_world.Rows.Any(row => row.Receipt.Sha256 == MemoryWorld.Hash(content))) _world.Source("job_1", "song.m4a", content);
        return InMemory.Decision("job_1", "song.m4a", policy);
    }

    private PlanItem Plan(RouteDecision decision, bool force = false) =>
        Assert.Single(new Planner().Plan(decision.Manifest, [decision], _world, force).Items);

    private void Sync(RouteDecision decision) => _world.CarryOut(new([Plan(decision)]));
}
