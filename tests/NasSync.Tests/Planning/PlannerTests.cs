using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

public sealed class PlannerTests
{
    private readonly MemoryWorld _world = new();

    [Fact]
    public void A_new_artifact_is_copied_and_then_unchanged_without_a_look_at_the_destination()
    {
        var job = Job("job_1", "song.m4a", "content");
        var first = Plan(job);
        Assert.Equal((PlanAction.Copy, "new", "/nas/song.m4a", 7L), (first.Action, first.Reason, first.Target!.Display, first.BytesToSend));
        Assert.Null(first.Replaces);

        _world.CarryOut(new([first]));
        _world.ResetCounts();
        var second = Plan(job);
        Assert.Equal((PlanAction.Unchanged, "unchanged since 2026-01-01"), (second.Action, second.Reason));
        Assert.Equal((0, 0), (_world.TargetQuestions, _world.HashQuestions));
    }

    [Fact]
    public void A_file_of_another_job_is_kept()
    {
        Sync(Job("job_1", "song.m4a", "one"));
        var item = Plan(Job("job_2", "song.m4a", "two"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_2).m4a", "a file of job job_1 is kept"), (item.Action, item.Target!.Display, item.Reason));
        Assert.Equal("/nas/song.m4a", item.Requested!.Display);
        Assert.Null(item.Replaces);
    }

    private RouteDecision Job(string jobId, string path, string content)
    {
        _world.Source(jobId, path, content);
        return InMemory.Decision(jobId, path);
    }

    private PlanItem Plan(RouteDecision decision, bool force = false) =>
        Assert.Single(new Planner().Plan(decision.Manifest, [decision], _world, force).Items);

    private void Sync(RouteDecision decision) => _world.CarryOut(new([Plan(decision)]));
}
