using FsCheck;
using FsCheck.Fluent;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>What holds for every plan, over random small worlds.</summary>
public sealed class PlannerPropertyTests
{
    private static readonly string[] Places = ["song.m4a", "SONG.m4a", "a/song.m4a", "song (j1).m4a", "other.m4a"];
    private static readonly string[] NestedPlaces = [.. Places, "song.m4a/x.m4a", "a"];
    private static readonly ConflictPolicy[] EveryPolicy = Enum.GetValues<ConflictPolicy>();

    // A failure prints the numbers; zeros are the simplest choice, so shrinking puts zeros in.
    private static readonly Arbitrary<int[]> Tapes = Arb.From(
        Gen.Choose(0, 5039).ArrayOf(120),
        numbers => Enumerable.Range(0, numbers.Length).Where(i => numbers[i] != 0).Select(i => numbers.Select((n, at) => at == i ? 0 : n).ToArray()));

    [Fact]
    public void No_two_items_of_a_run_write_one_place() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        for (var run = 0; run < 3; run++)
        {
            var keys = runs.Run(force: runs.Maybe(), atOnce: runs.Maybe()).Where(Writes).Select(item => item.Target!.Key).ToList();
            Assert.Equal(keys.Count, keys.Distinct().Count());
            Assert.DoesNotContain(keys, key => keys.Any(other => other.StartsWith(key + "/", StringComparison.Ordinal)));
            runs.Change();
        }
    });

    // The check is in RandomRuns, at the moment of each copy, against its own memory of who put what where.
    [Fact]
    public void No_copy_replaces_a_file_of_another_origin_unless_the_route_says_overwrite() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        for (var run = 0; run < 4; run++)
        {
            runs.Run(force: runs.Maybe(), atOnce: runs.Maybe());
            runs.Change();
            runs.Change();
        }
    });

    [Fact]
    public void Planning_twice_gives_the_same_plan() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        runs.Run();
        runs.Change();
        var force = runs.Maybe();
        Assert.Equal(runs.PlanOnly(force), runs.PlanOnly(force));
    });

    [Fact]
    public void A_manifest_that_is_decided_at_once_gets_the_items_that_it_would_get_one_by_one() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        for (var run = 0; run < 3; run++)
        {
            runs.Run(atOnce: runs.Maybe());
            Assert.Equal(runs.PlanOnly(oneByOne: true), runs.PlanOnly());
            runs.Change();
            Assert.Equal(runs.PlanOnly(oneByOne: true), runs.PlanOnly());
        }
    });

    [Fact]
    public void After_a_run_everything_is_unchanged_without_one_look_at_a_destination() => ForAll(Places, [ConflictPolicy.KeepBoth], runs =>
    {
        for (var run = 0; run < 3; run++)
        {
            var first = runs.Run(force: runs.Maybe(), atOnce: runs.Maybe());
            runs.World.ResetCounts();
            var second = runs.PlanOnly();
            Assert.Equal(
                first.Where(Holds).Select(item => (item.JobId, item.Artifact, item.Target)),
                second.Where(Holds).Select(item => (item.JobId, item.Artifact, item.Target)));
            Assert.All(second.Where(Holds), item => Assert.Equal(PlanAction.Unchanged, item.Action));
            Assert.Equal((0, 0), (runs.World.TargetQuestions, runs.World.HashQuestions));
            runs.Change();
        }
    });

    [Fact]
    public void Whatever_the_policies_runs_without_a_change_come_to_rest() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        runs.Run(atOnce: runs.Maybe());
        runs.Change();
        var most = 2 + runs.Jobs.Count;
        while (runs.Run().Any(Writes)) Assert.True(most-- > 0, "still copying");
        Assert.Equal(runs.PlanOnly(), runs.PlanOnly());
    });

    [Fact]
    public void Every_target_has_one_item_and_only_copies_send() => ForAll(NestedPlaces, EveryPolicy, runs =>
    {
        for (var run = 0; run < 3; run++)
        {
            var items = runs.Run(force: runs.Maybe(), atOnce: runs.Maybe());
            var decisions = runs.Jobs.SelectMany(job => job.Decisions).ToList();
            Assert.Equal(decisions.Sum(decision => Math.Max(1, decision.Targets.Count)), items.Count);
            Assert.Equal(
                decisions.SelectMany(decision => decision.Targets.Select(target => target.Display)),
                items.Where(item => item.Requested is not null).Select(item => item.Requested!.Display));
            Assert.All(items, AssertComplete);
            runs.Change();
        }
    });

    private static void AssertComplete(PlanItem item)
    {
        Assert.Equal(item.Action == PlanAction.Refuse, item.Failure is not null);
        if (item.Action != PlanAction.Unchanged) Assert.Equal(item.Action == PlanAction.Adopt, item.Sha256 is not null);
        Assert.True(item.Action == PlanAction.Copy || (item.BytesToSend == 0 && item.Replaces is null), item.Reason);
        Assert.True(!Writes(item) || (item.Source is not null && item.Target is not null && item.Requested is not null), item.Reason);
        Assert.NotEmpty(item.Reason);
    }

    private static bool Writes(PlanItem item) => item.Action is PlanAction.Copy or PlanAction.Adopt;

    private static bool Holds(PlanItem item) => Writes(item) || item.Action == PlanAction.Unchanged;

    private static void ForAll(string[] places, ConflictPolicy[] policies, Action<RandomRuns> property) =>
        Check.One(SameEachTime.Tries(400), Prop.ForAll(Tapes, numbers => property(new(numbers, places, policies))));
}
