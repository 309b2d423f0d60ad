using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>Several artifacts, and several manifests of one run, that want each other's places.</summary>
public sealed class RunTests
{
    private readonly MemoryWorld _world = new();
    private readonly Planner _run = new();

    [Fact]
    public void Two_artifacts_for_one_target_are_both_refused_and_the_others_go_on()
    {
        var items = Plan(Manifest("job_1", "a.m4a", "b.m4a", "c.m4a"), "song.m4a", "song.m4a", "c.m4a");
        Assert.Equal([PlanAction.Refuse, PlanAction.Refuse, PlanAction.Copy], items.Select(item => item.Action));
        Assert.Equal((FailureClass.Conflict, "TargetCollision"), (items[0].Failure!.Class, items[0].Failure!.Code));
        Assert.Equal("Artifacts 'a.m4a' and 'b.m4a' of job 'job_1' have the same target /nas/song.m4a.", items[0].Failure!.Message);
        Assert.Contains("${variant}", items[0].Failure!.Hint, StringComparison.Ordinal);
        Assert.Equal(items[0].Failure, items[1].Failure);
    }

    [Theory]
    [InlineData("Song.m4a", "SONG.M4A")] // case
    [InlineData("caf\u00e9.m4a", "cafe\u0301.m4a")] // NFC and NFD
    [InlineData("A/x.m4a", "a/x.m4a")] // case of a folder
    public void Targets_that_many_file_systems_take_for_one_collide(string one, string other)
    {
        var items = Plan(Manifest("job_1", "a.m4a", "b.m4a"), one, other);
        Assert.All(items, item => Assert.Equal("TargetCollision", item.Failure!.Code));
        Assert.Contains($"/nas/{one}, /nas/{other}", items[0].Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collision_is_found_although_one_artifact_was_synced_alone_before()
    {
        CarryOut(Plan(Manifest("job_1", "a.m4a"), "song.m4a"));
        var items = new Planner().Plan(Manifest("job_1", "a.m4a", "b.m4a"), Decisions(
            Manifest("job_1", "a.m4a", "b.m4a"), ConflictPolicy.Overwrite, "song.m4a", "song.m4a"), _world).Items;
        Assert.All(items, item => Assert.Equal("TargetCollision", item.Failure!.Code));
        Assert.Single(_world.Files);
    }

    [Fact]
    public void A_collision_is_found_although_each_artifact_was_synced_alone_before()
    {
        var both = Manifest("job_1", "a.m4a", "b.m4a");
        CarryOut(PlanAlone(both.Artifacts[0], "song.m4a"));
        CarryOut(PlanAlone(both.Artifacts[1], "song.m4a"));
        var items = Plan(both, "song.m4a", "song.m4a");
        Assert.All(items, item => Assert.Equal("TargetCollision", item.Failure?.Code));
        Assert.Equal(2, _world.Files.Count);
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_is_found_although_each_artifact_was_synced_alone_before()
    {
        var both = Manifest("job_1", "a.m4a", "b.m4a");
        CarryOut(PlanAlone(both.Artifacts[0], "x"));
        _world.Remove(InMemory.Target("x"));
        CarryOut(PlanAlone(both.Artifacts[1], "x/b.m4a"));
        var items = Plan(both, "x", "x/b.m4a");
        Assert.All(items, item => Assert.Equal("TargetInsideTarget", item.Failure?.Code));
    }

    [Fact]
    public void A_collision_asks_nothing_of_the_world()
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"), InMemory.Artifact("b.m4a"));
        var items = Plan(manifest, "song.m4a", "song.m4a");
        Assert.All(items, item => Assert.Equal("TargetCollision", item.Failure!.Code));
        Assert.Equal((0, 0), (_world.TargetQuestions, _world.HashQuestions));
    }

    [Fact]
    public void Many_artifacts_for_one_target_are_named_up_to_five()
    {
        var paths = Enumerable.Range(1, 9).Select(i => $"{i}.m4a").ToArray();
        var items = Plan(Manifest("job_1", paths), [.. paths.Select(_ => "song.m4a")]);
        Assert.Equal(
            "Artifacts '1.m4a', '2.m4a', '3.m4a', '4.m4a', '5.m4a' and 4 more of job 'job_1' have the same target /nas/song.m4a.",
            items[8].Failure!.Message);
    }

    [Theory]
    [InlineData("a", "a/b.m4a")]
    [InlineData("A", "a/x/y/b.m4a")]
    public void A_target_that_another_one_needs_as_a_folder_refuses_both(string file, string below)
    {
        var items = Plan(Manifest("job_1", "1.m4a", "2.m4a", "3.m4a"), below, file, "ab/c.m4a");
        Assert.Equal(["TargetInsideTarget", "TargetInsideTarget", null], items.Select(item => item.Failure?.Code));
        Assert.Equal($"Artifact '2.m4a' of job 'job_1' would be the file /nas/{file}, which '1.m4a' needs as a folder.", items[0].Failure!.Message);
    }

    [Fact]
    public void Two_jobs_of_one_run_for_one_target_get_two_names_before_either_is_there()
    {
        var first = Plan(Manifest("job_1", "a.m4a"), "song.m4a");
        var second = Plan(Manifest("job_2", "a.m4a"), "SONG.m4a");
        Assert.Equal("/nas/song.m4a", first[0].Target!.Display);
        Assert.Equal(("/nas/SONG (job_2).m4a", "a file of job job_1 is kept"), (second[0].Target!.Display, second[0].Reason));
    }

    [Theory]
    [InlineData(ConflictPolicy.Overwrite, PlanAction.Refuse, "TargetCollision")]
    [InlineData(ConflictPolicy.Fail, PlanAction.Refuse, "TargetExists")]
    [InlineData(ConflictPolicy.Skip, PlanAction.Skip, null)]
    public void A_place_that_an_earlier_job_of_the_run_takes_counts_as_taken(ConflictPolicy policy, PlanAction action, string? code)
    {
        Plan(Manifest("job_1", "a.m4a"), "song.m4a");
        var manifest = Manifest("job_2", "a.m4a");
        var item = Assert.Single(_run.Plan(manifest, Decisions(manifest, policy, "song.m4a"), _world).Items);
        Assert.Equal((action, code), (item.Action, item.Failure?.Code));
    }

    [Fact]
    public void An_own_name_that_another_artifact_asks_for_by_itself_is_left_to_it()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        var items = Plan(Manifest("job_1", "a.m4a", "b.m4a"), "song.m4a", "song (job_1).m4a");
        Assert.Equal(["/nas/song (job_1 2).m4a", "/nas/song (job_1).m4a"], items.Select(item => item.Target!.Display));
    }

    [Fact]
    public void One_artifact_for_two_taken_targets_gets_two_names()
    {
        _world.Put(InMemory.Target("song.m4a"), "other").Put(InMemory.Target("song (job_1).m4a"), "other");
        var manifest = Manifest("job_1", "a.m4a");
        var decision = InMemory.Decision(
            manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("song.m4a"), InMemory.Target("song (job_1).m4a"));
        Assert.Equal(
            ["/nas/song (job_1 2).m4a", "/nas/song (job_1) (job_1).m4a"],
            _run.Plan(manifest, [decision], _world).Items.Select(item => item.Target!.Display));
    }

    [Fact]
    public void An_own_name_that_an_earlier_job_of_the_run_needs_as_a_folder_is_passed_over()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        Plan(Manifest("job_1", "a.m4a"), "song (job_2).m4a/a.m4a");
        Assert.Equal("/nas/song (job_2 2).m4a", Plan(Manifest("job_2", "a.m4a"), "song.m4a")[0].Target!.Display);
    }

    [Fact]
    public void An_own_name_that_an_earlier_job_of_the_run_takes_is_passed_over()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        Plan(Manifest("job_1", "a.m4a"), "song (job_2).m4a");
        Assert.Equal("/nas/song (job_2 2).m4a", Plan(Manifest("job_2", "a.m4a"), "song.m4a")[0].Target!.Display);
    }

    [Fact]
    public void An_own_name_under_which_another_jobs_equal_file_stands_is_passed_over()
    {
        _world.Put(InMemory.Target("song.m4a"), "other").Source("job_1", "a.m4a", "same").Source("job_2", "a.m4a", "same");
        CarryOut(Plan(InMemory.Manifest("job_1", InMemory.Artifact("a.m4a")), "song (job_2).m4a"));
        var manifest = InMemory.Manifest("job_2", InMemory.Artifact("a.m4a"));
        var item = new Planner().Plan(manifest, Decisions(manifest, ConflictPolicy.KeepBoth, "song.m4a"), _world).Items[0];
        Assert.Equal((PlanAction.Copy, "/nas/song (job_2 2).m4a"), (item.Action, item.Target!.Display));
    }

    [Fact]
    public void A_copy_of_another_artifact_of_the_same_job_is_kept()
    {
        CarryOut(Plan(Manifest("job_1", "a.m4a"), "song.m4a"));
        var item = Assert.Single(Plan(Manifest("job_1", "b.m4a"), "song.m4a"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_1).m4a"), (item.Action, item.Target!.Display));
        CarryOut([item]);

        var next = Manifest("job_1", "c.m4a");
        Assert.Equal(
            "/nas/song (job_1 2).m4a",
            Assert.Single(new Planner().Plan(next, Decisions(next, ConflictPolicy.KeepBoth, "song.m4a"), _world).Items).Target!.Display);
    }

    [Fact]
    public void One_artifacts_copy_for_one_target_is_not_taken_for_that_of_its_other_target()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        CarryOut(Plan(Manifest("job_1", "a.m4a"), "song.m4a"));
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"));
        var decision = InMemory.Decision(
            manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("song.m4a"), InMemory.Target("song (job_1).m4a"));
        Assert.Equal(
            [(PlanAction.Unchanged, "/nas/song (job_1).m4a"), (PlanAction.Copy, "/nas/song (job_1) (job_1).m4a")],
            new Planner().Plan(manifest, [decision], _world).Items.Select(item => (item.Action, item.Target!.Display)));
    }

    [Fact]
    public void A_place_where_an_earlier_job_of_the_run_has_nothing_to_write_may_be_overwritten()
    {
        CarryOut(Plan(Manifest("job_1", "a.m4a"), "song.m4a"));
        var run = new Planner();
        var first = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"));
        Assert.Equal(PlanAction.Unchanged, run.Plan(first, Decisions(first, ConflictPolicy.Overwrite, "song.m4a"), _world).Items[0].Action);
        var second = Manifest("job_2", "b.m4a");
        var item = run.Plan(second, Decisions(second, ConflictPolicy.Overwrite, "song.m4a"), _world).Items[0];
        Assert.Equal(
            (PlanAction.Copy, "/nas/song.m4a", "replaces a file of job job_1, as onConflict: overwrite says"),
            (item.Action, item.Target!.Display, item.Reason));
        Assert.NotNull(item.Replaces);
    }

    [Theory]
    [InlineData("song.m4a", "song.m4a/b.m4a")]
    [InlineData("song.m4a/b.m4a", "song.m4a")]
    public void A_file_of_an_earlier_job_of_the_run_cannot_be_a_folder_too(string one, string other)
    {
        Plan(Manifest("job_1", "a.m4a"), one);
        var item = Assert.Single(Plan(Manifest("job_2", "a.m4a"), other));
        Assert.Equal("TargetInsideTarget", item.Failure!.Code);
        Assert.Contains($"/nas/{one}", item.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_is_not_unchanged_when_an_earlier_job_of_the_run_takes_its_place()
    {
        CarryOut(Plan(Manifest("job_2", "a.m4a"), "song.m4a"));
        _world.Remove(InMemory.Target("song.m4a"));
        var run = new Planner();
        var taken = run.Plan(Manifest("job_1", "a.m4a"), Decisions(Manifest("job_1", "a.m4a"), ConflictPolicy.KeepBoth, "song.m4a"), _world).Items[0];
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a"), (taken.Action, taken.Target!.Display));

        var manifest = InMemory.Manifest("job_2", InMemory.Artifact("a.m4a"));
        Assert.Equal(
            "/nas/song (job_2).m4a",
            run.Plan(manifest, Decisions(manifest, ConflictPolicy.KeepBoth, "song.m4a"), _world).Items[0].Target!.Display);
    }

    [Fact]
    public void A_place_that_the_ledger_gives_to_an_unchanged_job_is_not_taken_in_the_same_run()
    {
        CarryOut(Plan(Manifest("job_1", "a.m4a"), "song.m4a"));
        _world.Remove(InMemory.Target("song.m4a"));
        var run = new Planner();
        var first = InMemory.Manifest("job_1", InMemory.Artifact("a.m4a"));
        Assert.Equal(PlanAction.Unchanged, run.Plan(first, Decisions(first, ConflictPolicy.KeepBoth, "song.m4a"), _world).Items[0].Action);
        var second = Manifest("job_2", "a.m4a");
        Assert.Equal(
            "/nas/song (job_2).m4a",
            run.Plan(second, Decisions(second, ConflictPolicy.KeepBoth, "song.m4a"), _world).Items[0].Target!.Display);
    }

    [Fact]
    public void A_second_folder_with_the_same_job_id_is_refused_whole_and_names_both()
    {
        Plan(Manifest("job_1", "a.m4a"), "a.m4a");
        var copy = Manifest("job_1", "b.m4a", "c.m4a") with { Path = "/data/outputs/copy/manifest.json" };
        var items = Plan(copy, "b.m4a", "c.m4a");
        Assert.Equal(2, items.Count);
        Assert.All(items, item =>
            Assert.Equal((PlanAction.Refuse, FailureClass.Conflict, "DuplicateJobId"), (item.Action, item.Failure!.Class, item.Failure.Code)));
        Assert.Equal(
            "Job id 'job_1' of /data/outputs/copy/manifest.json is also that of /data/outputs/job_1/manifest.json.",
            items[0].Failure!.Message);
    }

    [Fact]
    public void The_same_manifest_may_be_planned_again_in_one_run()
    {
        var manifest = Manifest("job_1", "a.m4a");
        var first = Plan(manifest, "song.m4a");
        Assert.Equal(first, Plan(manifest, "song.m4a"));
    }

    [Fact]
    public void An_artifact_that_is_handed_in_twice_is_planned_once()
    {
        var manifest = Manifest("job_1", "a.m4a");
        var decisions = Decisions(manifest, ConflictPolicy.KeepBoth, "song.m4a");
        Assert.Equal(PlanAction.Copy, Assert.Single(_run.Plan(manifest, [.. decisions, .. decisions], _world).Items).Action);
    }

    [Fact]
    public void Items_stand_in_the_manifests_order_whatever_the_order_of_the_decisions()
    {
        var manifest = Manifest("job_1", "b.m4a", "a.m4a");
        var decisions = Decisions(manifest, ConflictPolicy.KeepBoth, "x.m4a", "y.m4a");
        Assert.Equal(["b.m4a", "a.m4a"], _run.Plan(manifest, [decisions[1], decisions[0]], _world).Items.Select(item => item.Artifact.Path));
    }

    [Fact]
    public void An_artifact_without_a_target_has_one_item_that_says_why()
    {
        var manifest = Manifest("job_1", "a.m4a", "b.m4a");
        var failure = new Failure(FailureClass.Config, "Unrouted", "No route.", "Add one.");
        var items = _run.Plan(
            manifest,
            [
                new() { Manifest = manifest, Artifact = manifest.Artifacts[0], SkipReason = "no route matches" },
                new() { Manifest = manifest, Artifact = manifest.Artifacts[1], Failure = failure },
            ],
            _world).Items;
        Assert.Equal(
            [(PlanAction.Skip, "no route matches", null), (PlanAction.Refuse, "No route.", failure)],
            items.Select(item => (item.Action, item.Reason, item.Failure)));
        Assert.All(items, item => Assert.Null(item.Target));
    }

    private IReadOnlyList<PlanItem> Plan(Manifest manifest, params string[] targets) =>
        _run.Plan(manifest, Decisions(manifest, ConflictPolicy.KeepBoth, targets), _world).Items;

    // In a run of its own.
    private IReadOnlyList<PlanItem> PlanAlone(Artifact artifact, string target)
    {
        var manifest = InMemory.Manifest("job_1", artifact);
        return new Planner().Plan(manifest, Decisions(manifest, ConflictPolicy.KeepBoth, target), _world).Items;
    }

    private void CarryOut(IReadOnlyList<PlanItem> items) => _world.CarryOut(new(items));

    private Manifest Manifest(string jobId, params string[] artifacts)
    {
        foreach (var artifact in artifacts) _world.Source(jobId, artifact, $"{jobId} {artifact}");
        return InMemory.Manifest(jobId, [.. artifacts.Select(path => InMemory.Artifact(path))]);
    }

    private static List<RouteDecision> Decisions(Manifest manifest, ConflictPolicy policy, params string[] targets) =>
        [.. manifest.Artifacts.Zip(targets, (artifact, target) => InMemory.Decision(manifest, artifact, policy, InMemory.Target(target)))];
}
