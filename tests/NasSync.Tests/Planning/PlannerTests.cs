using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>One job of one artifact against what the ledger says and what stands at its target.</summary>
public sealed class PlannerTests
{
    private readonly MemoryWorld _world = new();

    [Fact]
    public void A_new_artifact_is_copied_and_then_unchanged_without_a_look_at_the_destination()
    {
        var job = Job("job_1", "content");
        var first = Plan(job);
        Assert.Equal((PlanAction.Copy, "new", "/nas/song.m4a", 7L), (first.Action, first.Reason, first.Target!.Display, first.BytesToSend));
        Assert.Null(first.Replaces);

        _world.CarryOut(new([first]));
        _world.ResetCounts();
        var second = Plan(job);
        Assert.Equal((PlanAction.Unchanged, "unchanged since 2026-01-01", 0L), (second.Action, second.Reason, second.BytesToSend));
        Assert.Equal((0, 0), (_world.TargetQuestions, _world.HashQuestions));
    }

    [Fact]
    public void What_the_same_job_put_there_is_replaced_when_the_source_changed()
    {
        Sync(Job("job_1", "old"));
        var there = _world.Files.Values.Single().State;
        var item = Plan(Job("job_1", "new content"));
        Assert.Equal((PlanAction.Copy, "source changed", "/nas/song.m4a", there), (item.Action, item.Reason, item.Target!.Display, item.Replaces));
    }

    [Fact]
    public void A_source_that_was_only_touched_is_adopted_and_not_sent()
    {
        Sync(Job("job_1", "same"));
        _world.Source("job_1", "song.m4a", "same", mtimeNs: 99);
        var item = Plan(InMemory.Decision("job_1", "song.m4a"));
        Assert.Equal((PlanAction.Adopt, MemoryWorld.Hash("same")), (item.Action, item.Sha256));
    }

    [Fact]
    public void A_source_that_was_replaced_within_its_time_and_size_is_seen_by_its_inode()
    {
        Sync(Job("job_1", "aaa"));
        var item = Plan(Job("job_1", "bbb"));
        Assert.Equal((PlanAction.Copy, "source changed"), (item.Action, item.Reason));
    }

    [Theory]
    [InlineData("bbb", 2)] // the time tells
    [InlineData("four", 1)] // the size tells
    public void A_source_that_was_edited_in_place_is_seen_by_its_time_or_size(string content, long mtime)
    {
        var job = Job("job_1", "aaa");
        Sync(job);
        _world.EditSource("job_1", "song.m4a", content, mtime);
        var item = Plan(job);
        Assert.Equal((PlanAction.Copy, "source changed", "/nas/song.m4a"), (item.Action, item.Reason, item.Target!.Display));
    }

    [Fact]
    public void Without_inodes_size_and_time_prove_the_source()
    {
        var job = Job("job_1", "aaa");
        Sync(job);
        _world.EditRows(row => row with { Source = row.Source with { Inode = 0 } });
        Assert.Equal(PlanAction.Unchanged, Plan(job).Action);
    }

    [Fact]
    public void A_copy_that_is_gone_is_sent_again()
    {
        var job = Job("job_1", "content");
        Sync(job);
        _world.Remove(InMemory.Target("song.m4a"));
        var item = Plan(job, force: true);
        Assert.Equal((PlanAction.Copy, "the copy is gone from the target", null), (item.Action, item.Reason, item.Replaces));
    }

    [Fact]
    public void Force_looks_at_the_target_although_the_ledger_says_unchanged()
    {
        var job = Job("job_1", "content");
        Sync(job);
        Assert.Equal(PlanAction.Adopt, Plan(job, force: true).Action);
        Assert.True(_world.TargetQuestions > 0);
    }

    [Fact]
    public void A_file_of_another_origin_with_the_same_bytes_is_adopted()
    {
        _world.Put(InMemory.Target("song.m4a"), "content", mtimeNs: 5);
        var item = Plan(Job("job_1", "content"));
        Assert.Equal("an equal file is there already, without a record that NasSync copied it", item.Reason);
        Assert.Equal((PlanAction.Adopt, MemoryWorld.Hash("content"), 0L), (item.Action, item.Sha256, item.BytesToSend));
    }

    [Fact]
    public void Files_of_different_size_are_not_hashed()
    {
        _world.Put(InMemory.Target("song.m4a"), "x");
        Plan(Job("job_1", "content"));
        Assert.Equal(0, _world.HashQuestions);
    }

    [Fact]
    public void A_file_of_another_origin_is_kept_and_the_new_one_gets_a_name_of_its_own()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        var item = Plan(Job("job_1", "content"));
        Assert.Equal(
            (PlanAction.Copy, "/nas/song (job_1).m4a", "a file that is not a recorded copy is kept"),
            (item.Action, item.Target!.Display, item.Reason));
        Assert.Equal("/nas/song.m4a", item.Requested!.Display);
        Assert.Null(item.Replaces);
    }

    [Fact]
    public void A_file_of_another_job_is_kept_even_when_its_bytes_are_the_same()
    {
        Sync(Job("job_1", "same"));
        var item = Plan(Job("job_2", "same"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_2).m4a", "a file of job job_1 is kept"), (item.Action, item.Target!.Display, item.Reason));
    }

    [Fact]
    public void A_copy_with_a_name_of_its_own_keeps_that_name_although_the_first_name_is_free_again()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        Sync(Job("job_1", "content"));
        _world.Remove(InMemory.Target("song.m4a"));
        Assert.Equal(PlanAction.Unchanged, Plan(InMemory.Decision("job_1", "song.m4a")).Action);
        var changed = Plan(Job("job_1", "changed content"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_1).m4a"), (changed.Action, changed.Target!.Display));
    }

    [Fact]
    public void The_own_name_counts_up_past_names_that_are_taken()
    {
        foreach (var name in new[] { "song.m4a", "song (job_1).m4a", "song (job_1 2).m4a" }) _world.Put(InMemory.Target(name), "other");
        Assert.Equal("/nas/song (job_1 3).m4a", Plan(Job("job_1", "content")).Target!.Display);
    }

    [Fact]
    public void A_copy_whose_record_was_lost_is_found_again_under_its_own_name()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        _world.Put(InMemory.Target("song (job_1).m4a"), "content");
        var item = Plan(Job("job_1", "content"));
        Assert.Equal((PlanAction.Adopt, "/nas/song (job_1).m4a"), (item.Action, item.Target!.Display));
    }

    [Fact]
    public void After_99_names_beside_the_target_the_item_is_refused()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        _world.Put(InMemory.Target("song (job_1).m4a"), "other");
        for (var i = 2; i <= 99; i++) _world.Put(InMemory.Target($"song (job_1 {i}).m4a"), "other");
        AssertRefused(Plan(Job("job_1", "content")), FailureClass.Conflict, "TargetExists");
    }

    [Fact]
    public void A_long_name_and_a_hostile_job_id_give_an_own_name_that_fits()
    {
        var path = new string('ä', 125) + ".m4a";
        _world.Put(InMemory.Target(path), "other").Source("../a/b" + new string('j', 300), path, "content");
        var item = Plan(InMemory.Decision("../a/b" + new string('j', 300), path));
        var name = item.Target!.RelativePath.FileName;
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 200, 255);
        Assert.EndsWith("j).m4a", name, StringComparison.Ordinal);
        Assert.Contains("ä (.._a_bj", name, StringComparison.Ordinal);
    }

    [Fact]
    public void Overwrite_replaces_the_other_file_as_it_was_seen()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        var item = Plan(Job("job_1", "content", ConflictPolicy.Overwrite));
        Assert.Equal((PlanAction.Copy, "replaces a file that is not a recorded copy, as onConflict: overwrite says"), (item.Action, item.Reason));
        Assert.Equal(_world.Files.Values.Single().State, item.Replaces);
    }

    [Fact]
    public void Two_jobs_that_overwrite_each_other_come_to_rest_with_the_later_one()
    {
        var (one, two) = (Job("job_1", "one", ConflictPolicy.Overwrite), Job("job_2", "two!", ConflictPolicy.Overwrite));
        Sync(one);
        Sync(two);
        foreach (var force in new[] { false, true })
        {
            var item = Plan(one, force);
            Assert.Equal((PlanAction.Skip, "replaced by job job_2, as onConflict: overwrite says"), (item.Action, item.Reason));
        }

        Assert.Equal(PlanAction.Unchanged, Plan(two).Action);
        var changed = Plan(Job("job_1", "newer", ConflictPolicy.Overwrite));
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a"), (changed.Action, changed.Target!.Display));
    }

    [Fact]
    public void A_copy_that_was_replaced_gets_a_name_of_its_own_once_the_route_keeps_both()
    {
        var one = Job("job_1", "one", ConflictPolicy.Overwrite);
        Sync(one);
        Sync(Job("job_2", "two!", ConflictPolicy.Overwrite));
        var item = Plan(InMemory.Decision("job_1", "song.m4a"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_1).m4a"), (item.Action, item.Target!.Display));
    }

    [Fact]
    public void A_row_that_the_same_job_superseded_is_not_taken_for_another_jobs_victory()
    {
        var job = Job("job_1", "content", ConflictPolicy.Overwrite);
        Sync(job);
        _world.EditRows(row => row with { SupersededBy = "job_1" });
        Assert.Equal(PlanAction.Adopt, Plan(job).Action);
    }

    [Fact]
    public void Skip_keeps_the_other_file_and_sends_nothing()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        var item = Plan(Job("job_1", "content", ConflictPolicy.Skip));
        Assert.Equal(
            (PlanAction.Skip, "a file that is not a recorded copy is kept, as onConflict: skip says", 0L),
            (item.Action, item.Reason, item.BytesToSend));
    }

    [Fact]
    public void Fail_keeps_the_other_file_and_refuses()
    {
        Sync(Job("job_1", "other"));
        var item = Plan(Job("job_2", "content", ConflictPolicy.Fail));
        AssertRefused(item, FailureClass.Conflict, "TargetExists");
        Assert.Equal("'song.m4a' of job 'job_2' is not sent: /nas/song.m4a is a file of job job_1.", item.Failure!.Message);
    }

    [Fact]
    public void While_the_source_is_unchanged_nobody_asks_whether_the_copy_was_edited()
    {
        var job = Job("job_1", "content");
        Sync(job);
        _world.Put(InMemory.Target("song.m4a"), "edited by hand", mtimeNs: 2);
        Assert.Equal(PlanAction.Unchanged, Plan(job).Action);
    }

    [Theory]
    [InlineData(true)] // it replaced an earlier copy
    [InlineData(false)] // it was the first
    public void A_copy_that_a_killed_run_named_but_did_not_record_is_replaced_when_the_source_changes_again(bool recordedBefore)
    {
        if (recordedBefore) Sync(Job("job_1", "content"));
        _world.Intend(InMemory.Unrecorded("song.m4a", 7, 2, "CONTENT"));
        _world.Put(InMemory.Target("song.m4a"), "CONTENT", mtimeNs: 2);
        var there = _world.Files.Values.Single().State;
        var item = Plan(Job("job_1", "new content"));
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a", "source changed", there), (item.Action, item.Target!.Display, item.Reason, item.Replaces));
        Assert.Equal(new ReplacedFile(7, null, "job_1", "song.m4a"), item.Replaced);
    }

    [Theory]
    [InlineData(1_700_000_000_000_000_000, true)] // the place tells whole seconds
    [InlineData(1_700_000_000_100_000_000, false)]
    [InlineData(1_699_999_999_000_000_000, false)]
    public void Without_a_hash_an_unrecorded_copy_is_known_by_its_time_as_fine_as_the_place_tells_it(long found, bool isOurs)
    {
        _world.Intend(InMemory.Unrecorded("song.m4a", 7, 1_700_000_000_123_456_789, null));
        _world.Put(InMemory.Target("song.m4a"), "CONTENT", found);
        Assert.Equal(isOurs ? "/nas/song.m4a" : "/nas/song (job_1).m4a", Plan(Job("job_1", "new content")).Target!.Display);
    }

    [Fact]
    public void A_copy_beside_a_strangers_file_that_was_not_recorded_is_replaced_too()
    {
        _world.Put(InMemory.Target("song.m4a"), "of a stranger");
        _world.Intend(InMemory.Unrecorded("song (job_1).m4a", 7, 2, null));
        _world.Put(InMemory.Target("song (job_1).m4a"), "CONTENT", mtimeNs: 2);
        var item = Plan(Job("job_1", "new content"));
        Assert.Equal((PlanAction.Copy, "/nas/song (job_1).m4a", "source changed"), (item.Action, item.Target!.Display, item.Reason));
    }

    [Theory]
    [InlineData("job_2", "song.m4a", "CONTENT", 2)] // another job was about to
    [InlineData("job_1", "other.m4a", "CONTENT", 2)] // another artifact
    [InlineData("job_1", "song.m4a", "content", 2)] // the bytes are others
    [InlineData("job_1", "song.m4a", null, 1)] // the time is another, where there is no hash
    public void A_file_that_is_not_the_one_that_was_about_to_be_named_is_a_strangers(string job, string artifact, string? content, long mtime)
    {
        _world.Intend(InMemory.Unrecorded("song.m4a", 7, mtime, content) with { JobId = job, Artifact = artifact });
        _world.Put(InMemory.Target("song.m4a"), "CONTENT", mtimeNs: 2);
        Assert.Equal("/nas/song (job_1).m4a", Plan(Job("job_1", "new content")).Target!.Display);
    }

    [Theory]
    [InlineData("edited by hand", 1)] // the size tells
    [InlineData("CONTENT", 2)] // the time asks, the hash tells
    public void A_copy_that_someone_changed_is_kept_when_the_source_changes(string edited, long mtime)
    {
        Sync(Job("job_1", "content"));
        _world.Put(InMemory.Target("song.m4a"), edited, mtime);
        var item = Plan(Job("job_1", "new content"));
        Assert.Equal(
            (PlanAction.Copy, "/nas/song (job_1).m4a", "a copy that someone changed is kept"),
            (item.Action, item.Target!.Display, item.Reason));
    }

    [Fact]
    public void A_copy_that_was_only_touched_is_still_ours()
    {
        Sync(Job("job_1", "content"));
        _world.Put(InMemory.Target("song.m4a"), "content", mtimeNs: 77);
        var item = Plan(Job("job_1", "new content"));
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a"), (item.Action, item.Target!.Display));
        Assert.NotNull(item.Replaces);
    }

    [Fact]
    public void A_touched_copy_without_a_recorded_hash_counts_as_changed()
    {
        Sync(Job("job_1", "content"));
        _world.EditRows(row => row with { Receipt = row.Receipt with { Sha256 = null } });
        _world.Put(InMemory.Target("song.m4a"), "content", mtimeNs: 77);
        Assert.Equal("/nas/song (job_1).m4a", Plan(Job("job_1", "new content")).Target!.Display);
    }

    [Fact]
    public void A_copy_without_a_recorded_state_is_compared_by_its_size()
    {
        Sync(Job("job_1", "content"));
        _world.EditRows(row => row with { Receipt = row.Receipt with { Target = null } });
        Assert.Equal("/nas/song.m4a", Plan(Job("job_1", "new content")).Target!.Display);
        _world.Put(InMemory.Target("song.m4a"), "content and more");
        Assert.Equal("/nas/song (job_1).m4a", Plan(Job("job_1", "new content")).Target!.Display);
    }

    [Fact]
    public void A_copy_that_rotted_in_silence_is_replaced_when_looked_at()
    {
        var job = Job("job_1", "content");
        Sync(job);
        _world.Rot(InMemory.Target("song.m4a"), "CONTENT");
        var item = Plan(job, force: true);
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a", "the copy differs from the source"), (item.Action, item.Target!.Display, item.Reason));
    }

    [Fact]
    public void Another_file_of_the_same_size_and_time_is_somebodys_and_is_kept()
    {
        var job = Job("job_1", "content");
        Sync(job);
        _world.Put(InMemory.Target("song.m4a"), "CONTENT", mtimeNs: 1);
        var item = Plan(job, force: true);
        Assert.Equal((PlanAction.Copy, "/nas/song (job_1).m4a"), (item.Action, item.Target!.Display));
    }

    [Fact]
    public void A_source_that_rotted_in_silence_replaces_no_copy_when_looked_at()
    {
        var job = Job("job_1", "content");
        Sync(job);
        _world.EditSource("job_1", "song.m4a", "CONTENT", mtimeNs: 1);
        Assert.Equal(PlanAction.Unchanged, Plan(job).Action);
        Assert.Equal((PlanAction.Refuse, "SourceDamaged"), (Plan(job, force: true) is var item ? item.Action : default, item.Failure?.Code));
    }

    [Theory]
    [InlineData(VerifyLevel.Size, VerifiedBy.SizeOnly, PlanAction.Unchanged)]
    [InlineData(VerifyLevel.Checksum, VerifiedBy.SizeOnly, PlanAction.Adopt)]
    [InlineData(VerifyLevel.Checksum, VerifiedBy.ReadBackCached, PlanAction.Unchanged)]
    [InlineData(VerifyLevel.Checksum, VerifiedBy.ServerHash, PlanAction.Unchanged)]
    [InlineData(VerifyLevel.Checksum, VerifiedBy.SharedExtents, PlanAction.Unchanged)]
    [InlineData(VerifyLevel.Readback, VerifiedBy.ReadBackCached, PlanAction.Adopt)]
    [InlineData(VerifyLevel.Readback, VerifiedBy.ServerHash, PlanAction.Adopt)]
    [InlineData(VerifyLevel.Readback, VerifiedBy.SharedExtents, PlanAction.Adopt)]
    [InlineData(VerifyLevel.Readback, VerifiedBy.ReadBack, PlanAction.Unchanged)]
    public void Only_a_receipt_as_sure_as_the_route_wants_proves_unchanged(VerifyLevel wanted, VerifiedBy had, PlanAction action)
    {
        var job = Job("job_1", "content");
        job = job with { Route = job.Route! with { Verify = wanted } };
        _world.CarryOut(new([Plan(job)]), had);
        var item = Plan(job);
        Assert.Equal((action, wanted), (item.Action, item.Verify));
    }

    [Fact]
    public void A_source_that_is_gone_is_refused_for_each_of_its_targets()
    {
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("song.m4a"));
        var decision = InMemory.Decision(
            manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("a.m4a"), InMemory.Target("b.m4a"));
        var items = new Planner().Plan(manifest, [decision], _world).Items;
        Assert.Equal(2, items.Count);
        Assert.All(items, item => AssertRefused(item, FailureClass.Gone, "SourceGone"));
        Assert.Equal(0, _world.TargetQuestions);
    }

    [Fact]
    public void A_source_that_was_delivered_and_released_is_not_missed()
    {
        var job = Job("job_1", "content");
        job = job with { Route = job.Route! with { Release = ReleasePolicy.Delete } };
        Sync(job);
        _world.RemoveSource("job_1", "song.m4a");
        Assert.Equal((PlanAction.Unchanged, "the source was released, the copy stands since 2026-01-01"), (Plan(job).Action, Plan(job).Reason));
        Assert.Equal(PlanAction.Unchanged, Plan(job, force: true).Action);

        _world.Put(InMemory.Target("song.m4a"), "edited");
        AssertRefused(Plan(job, force: true), FailureClass.Gone, "SourceGoneUnproven");
        AssertRefused(Plan(job with { Route = job.Route with { Release = ReleasePolicy.Keep } }), FailureClass.Gone, "SourceGone");
    }

    [Fact]
    public void A_declared_size_that_is_not_the_sources_refuses_with_both_values()
    {
        var item = Plan(Declaring(size: 8));
        AssertRefused(item, FailureClass.Mismatch, "ManifestMismatch");
        Assert.Equal("'song.m4a' of job 'job_1' has 7 bytes, but the manifest declares 8.", item.Failure!.Message);
    }

    [Fact]
    public void A_declared_hash_is_compared_where_the_source_is_hashed_anyway()
    {
        Assert.Equal((PlanAction.Copy, 0), (Plan(Declaring(sha256: new string('a', 64))).Action, _world.HashQuestions));
        _world.Put(InMemory.Target("song.m4a"), "CONTENT");
        var item = Plan(Declaring(sha256: new string('a', 64)));
        AssertRefused(item, FailureClass.Mismatch, "ManifestMismatch");
        Assert.Contains(new string('a', 64), item.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(MemoryWorld.Hash("content"), item.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_declares_another_hash_than_was_recorded_is_not_unchanged()
    {
        Sync(Job("job_1", "content"));
        AssertRefused(Plan(Declaring(sha256: new string('a', 64), keepSource: true)), FailureClass.Mismatch, "ManifestMismatch");
        Assert.Equal(PlanAction.Unchanged, Plan(Declaring(sha256: MemoryWorld.Hash("content").ToUpperInvariant(), keepSource: true)).Action);
    }

    [Fact]
    public void A_destination_that_cannot_be_asked_refuses_its_item_and_no_other()
    {
        _world.Source("job_1", "song.m4a", "content").TargetFails =
            target => target.Path == "a.m4a" ? new(FailureClass.Unavailable, "NotMounted", "/nas is not mounted.", "Mount it.") : null;
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("song.m4a"));
        var decision = InMemory.Decision(
            manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("a.m4a"), InMemory.Target("b.m4a"));
        var items = new Planner().Plan(manifest, [decision], _world).Items;
        AssertRefused(items[0], FailureClass.Unavailable, "NotMounted");
        Assert.Equal(PlanAction.Copy, items[1].Action);
    }

    [Theory]
    [InlineData(ConflictPolicy.KeepBoth)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void The_source_itself_is_no_copy_of_itself(ConflictPolicy policy)
    {
        var job = Job("job_1", "content", policy);
        _world.Put(InMemory.Target("song.m4a"), "content");
        _world.LinkSource("job_1", "song.m4a", InMemory.Target("song.m4a"));
        AssertRefused(Plan(job), FailureClass.Conflict, "TargetIsSource");
    }

    [Fact]
    public void The_same_words_below_another_root_are_another_place()
    {
        var artifact = InMemory.Artifact("song.m4a");
        var manifest = InMemory.Manifest("job_1", artifact);
        var target = new Target { Destination = "vault", Root = "/old", Path = "song.m4a" };
        _world.Source("job_1", "song.m4a", "content");
        Sync(InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, target));
        Assert.Equal(
            PlanAction.Unchanged,
            Plan(InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, target with { Root = "/old/" })).Action);

        var moved = Plan(InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, target with { Root = "/new" }));
        Assert.Equal((PlanAction.Copy, "new", "/new"), (moved.Action, moved.Reason, moved.Target!.Root));
    }

    [Fact]
    public void A_local_path_is_one_place_however_it_is_split_into_root_and_rest()
    {
        var artifact = InMemory.Artifact("song.m4a");
        var manifest = InMemory.Manifest("job_1", artifact);
        _world.Source("job_1", "song.m4a", "content");
        Sync(InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, InMemory.Target("a/song.m4a")));
        Assert.Equal(
            PlanAction.Unchanged,
            Plan(InMemory.Decision(manifest, artifact, ConflictPolicy.KeepBoth, InMemory.Target("song.m4a", "/nas/a"))).Action);
    }

    [Fact]
    public void What_this_artifact_put_there_under_an_earlier_route_is_its_own()
    {
        _world.Put(InMemory.Target("song.m4a"), "other");
        Sync(Job("job_1", "content"));
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("song.m4a"));
        var item = Plan(InMemory.Decision(manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("song (job_1).m4a")));
        Assert.Equal((PlanAction.Adopt, "/nas/song (job_1).m4a"), (item.Action, item.Target!.Display));
    }

    [Fact]
    public void A_row_of_another_job_whose_file_is_gone_does_not_block_its_name()
    {
        Sync(Job("job_1", "one"));
        _world.Remove(InMemory.Target("song.m4a"));
        var item = Plan(Job("job_2", "two"));
        Assert.Equal((PlanAction.Copy, "/nas/song.m4a", "new"), (item.Action, item.Target!.Display, item.Reason));
    }

    [Fact]
    public void Another_jobs_file_under_another_spelling_of_the_name_is_kept()
    {
        _world.Source("job_1", "SONG.m4a", "one").Source("job_2", "song.m4a", "two");
        Sync(InMemory.Decision("job_1", "SONG.m4a"));
        Assert.Equal("/nas/song (job_2).m4a", Plan(InMemory.Decision("job_2", "song.m4a")).Target!.Display);
        AssertRefused(Plan(InMemory.Decision("job_2", "song.m4a", ConflictPolicy.Fail)), FailureClass.Conflict, "TargetExists");
    }

    private RouteDecision Job(string jobId, string content, ConflictPolicy policy = ConflictPolicy.KeepBoth)
    {
        _world.Source(jobId, "song.m4a", content);
        return InMemory.Decision(jobId, "song.m4a", policy);
    }

    private RouteDecision Declaring(long? size = null, string? sha256 = null, bool keepSource = false)
    {
        if (!keepSource) _world.Source("job_1", "song.m4a", "content");
        var manifest = InMemory.Manifest("job_1", InMemory.Artifact("song.m4a") with { Size = size, Sha256 = sha256 });
        return InMemory.Decision(manifest, manifest.Artifacts[0], ConflictPolicy.KeepBoth, InMemory.Target("song.m4a"));
    }

    private PlanItem Plan(RouteDecision decision, bool force = false) =>
        Assert.Single(new Planner().Plan(decision.Manifest, [decision], _world, force).Items);

    private void Sync(RouteDecision decision) => _world.CarryOut(new([Plan(decision)]));

    private static void AssertRefused(PlanItem item, FailureClass kind, string code)
    {
        Assert.Equal((PlanAction.Refuse, kind, code), (item.Action, item.Failure!.Class, item.Failure.Code));
        Assert.Equal(item.Failure.Message, item.Reason);
        Assert.NotEmpty(item.Failure.Hint);
        Assert.Equal(0, item.BytesToSend);
    }
}
