using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>An artifact that is not there, against what the ledger says and what stands at its target.</summary>
public sealed class GoneSourceTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly MemoryWorld _world = new();

    [Theory]
    [InlineData(8L, null)]
    [InlineData(null, "other")]
    [InlineData(7L, "other")]
    public void A_released_source_is_missed_where_the_manifest_declares_another_file_now(long? size, string? content)
    {
        Release();

        var item = Plan(Job(size, content));

        Assert.Equal((PlanAction.Refuse, FailureClass.Gone, "SourceGone"), (item.Action, item.Failure!.Class, item.Failure.Code));
        Assert.Contains("the copy at /nas/song.m4a is of another file", item.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_source_that_the_manifest_declares_as_it_was_is_not_missed_and_nothing_is_looked_at()
    {
        Release();
        _world.ResetCounts();

        Assert.Equal(PlanAction.Unchanged, Plan(Job(7, "content")).Action);
        Assert.Equal((0, 0), (_world.TargetQuestions, _world.HashQuestions));
    }

    [Fact]
    public void A_released_source_stays_released_when_its_route_keeps_sources_today()
    {
        Release();

        Assert.Equal(PlanAction.Unchanged, Plan(Job(keep: true)).Action);
    }

    [Fact]
    public void A_row_that_knows_of_no_release_is_believed_only_where_its_copy_stands()
    {
        Sync(Job());
        _world.RemoveSource("job_1", "song.m4a");
        Assert.Equal((PlanAction.Unchanged, true), (Plan(Job()).Action, Plan(Job()).IsSourceGone));

        _world.Put(InMemory.Target("song.m4a"), "a newer version", mtimeNs: 7);
        AssertRefused(Plan(Job()), "SourceGoneUnproven");

        _world.Remove(InMemory.Target("song.m4a"));
        AssertRefused(Plan(Job()), "SourceGoneUnproven");
    }

    [Fact]
    public void A_copy_that_stands_and_is_short_of_a_level_that_was_raised_since_is_not_said_to_be_another_file()
    {
        Release();
        _world.EditRows(row => row with { Receipt = row.Receipt with { VerifiedBy = VerifiedBy.SizeOnly, Sha256 = null } });

        var refused = Plan(Job());

        AssertRefused(refused, "ReleasedCopyLost");
        Assert.Contains("was verified by its size alone, and its route says verify: checksum now", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("Write the file's sha256 into the manifest", refused.Failure!.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("backup", refused.Failure.Hint, StringComparison.Ordinal);

        // That cure works.
        Assert.Equal(PlanAction.Adopt, Plan(Job(7, "content")).Action);

        _world.Put(InMemory.Target("song.m4a"), "a newer version", mtimeNs: 7);
        Assert.Contains("is not as it was recorded", Plan(Job()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("song.m4a")]
    [InlineData("song (job_1).m4a")]
    [InlineData("song (job_1 2).m4a")]
    public void Without_a_row_the_copy_that_holds_what_the_manifest_declares_is_taken(string name)
    {
        foreach (var other in new[] { "song.m4a", "song (job_1).m4a", "song (job_1 2).m4a" }) _world.Put(InMemory.Target(other), "another");
        _world.Put(InMemory.Target(name), "content", mtimeNs: 5);

        var item = Plan(Job(7, "content"));

        Assert.Equal((PlanAction.Adopt, $"/nas/{name}", MemoryWorld.Hash("content")), (item.Action, item.Target!.Display, item.Sha256));
        Assert.Equal((true, true, ReleasePolicy.Keep), (item.IsSourceGone, item.IsAdopted, item.Release));
        _world.CarryOut(new([item]));
        _world.ResetCounts();
        Assert.Equal((PlanAction.Unchanged, name), (Plan(Job(7, "content")).Action, Plan(Job(7, "content")).Target!.RelativePath.FileName));
        Assert.Equal(0, _world.TargetQuestions);
    }

    [Fact]
    public void Another_jobs_copy_with_these_bytes_is_not_taken()
    {
        _world.Source("job_2", "song.m4a", "content");
        Sync(InMemory.Decision("job_2", "song.m4a"));

        AssertRefused(Plan(Job(7, "content")), "SourceGone");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(7L, null)]
    [InlineData(null, "content")]
    public void Without_a_row_and_without_size_and_hash_nothing_proves_the_release_and_nothing_is_looked_at(long? size, string? content)
    {
        _world.Put(InMemory.Target("song.m4a"), "content");

        AssertRefused(Plan(Job(size, content)), "SourceGoneUnproven");
        Assert.Equal(0, _world.TargetQuestions);
    }

    [Fact]
    public void Where_the_route_keeps_sources_an_absent_one_is_missed_whatever_stands_at_its_target()
    {
        _world.Put(InMemory.Target("song.m4a"), "content");

        AssertRefused(Plan(Job(7, "content", keep: true)), "SourceGone");
    }

    [Fact]
    public void An_older_ledger_learns_of_the_newer_copy_by_what_the_manifest_declares()
    {
        Sync(Job());
        _world.RemoveSource("job_1", "song.m4a");
        _world.Put(InMemory.Target("song.m4a"), "newer content", mtimeNs: 9);

        var item = Plan(Job(13, "newer content"));

        Assert.Equal((PlanAction.Adopt, true, true), (item.Action, item.IsAdopted, item.IsSourceGone));
    }

    [Theory]
    [InlineData(ConflictPolicy.KeepBoth, PlanAction.Copy, "/nas/song (job_1).m4a")]
    [InlineData(ConflictPolicy.Overwrite, PlanAction.Copy, "/nas/song.m4a")]
    [InlineData(ConflictPolicy.Skip, PlanAction.Skip, "/nas/song.m4a")]
    [InlineData(ConflictPolicy.Fail, PlanAction.Refuse, "/nas/song.m4a")]
    public void The_copy_of_a_released_source_gives_way_only_where_the_route_says_so(ConflictPolicy policy, PlanAction action, string target)
    {
        Release();
        _world.Source("job_1", "song.m4a", "another song", mtimeNs: 3);

        var item = Plan(Job(policy: policy));

        Assert.Equal((action, target), (item.Action, item.Target!.Display));
        Assert.Equal(
            policy == ConflictPolicy.Overwrite ? new ReplacedFile(7, MemoryWorld.Hash("content"), "job_1", "song.m4a") : null,
            item.Replaced);
    }

    [Fact]
    public void The_copies_of_three_files_that_had_one_name_in_turn_all_stay()
    {
        Release();
        foreach (var (content, time) in new[] { ("second", 2L), ("and third", 3L) })
        {
            _world.Source("job_1", "song.m4a", content, time);
            Sync(Job());
            Release();
        }

        Assert.Equal(
            ["song (job_1 2).m4a:and third", "song (job_1).m4a:second", "song.m4a:content"],
            _world.Files.Select(file => $"{file.Key["local|/nas/".Length..]}:{NameOf(file.Value.Hash)}").Order(StringComparer.Ordinal));
        Assert.Equal([true, true, false], _world.Rows.OrderBy(row => row.Target.Path.Length).Select(row => row.IsFormer));
    }

    [Fact]
    public void A_source_that_came_back_as_it_was_is_unchanged()
    {
        _world.Source("job_1", "song.m4a", "content");
        Sync(Job());
        _world.EditRows(row => row with { ReleasedAt = Noon });

        Assert.Equal((PlanAction.Unchanged, false), (Plan(Job(keep: true)).Action, Plan(Job(keep: true)).IsSourceGone));
    }

    [Theory]
    [InlineData(false, null, null)]
    [InlineData(false, 7L, "content")]
    [InlineData(true, null, null)]
    public void A_released_source_whose_route_leads_elsewhere_now_is_said_to_be_released_and_its_copy_is_known_there_once_it_stands(
        bool keep, long? size, string? content)
    {
        Release();

        var refused = Plan(Job(size, content, keep, target: "new/song.m4a"));

        AssertRefused(refused, "SourceGone");
        Assert.Contains("was released on 2026-01-02, once it was copied to /nas/song.m4a", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("/nas/new/song.m4a", refused.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("producer", refused.Failure!.Hint, StringComparison.Ordinal);

        // That cure works, and another file is not taken for it.
        _world.Put(InMemory.Target("new/song.m4a"), "another", mtimeNs: 5);
        AssertRefused(Plan(Job(size, content, keep, target: "new/song.m4a")), "SourceGone");
        _world.Put(InMemory.Target("new/song.m4a"), "content", mtimeNs: 5);
        var item = Plan(Job(size, content, keep, target: "new/song.m4a"));
        Assert.Equal((PlanAction.Adopt, "/nas/new/song.m4a", true), (item.Action, item.Target!.Display, item.IsAdopted));
    }

    private static string NameOf(string hash) => new[] { "content", "second", "and third" }.Single(one => MemoryWorld.Hash(one) == hash);

    // Copied where it is new, then marked as the release marks it, and gone.
    private void Release()
    {
        if (_world.Rows.Count == 0) Sync(Job());
        _world.EditRows(row => row with { ReleasedAt = row.ReleasedAt ?? Noon });
        _world.RemoveSource("job_1", "song.m4a");
    }

    private static RouteDecision Job(
        long? size = null, string? content = null, bool keep = false, ConflictPolicy policy = ConflictPolicy.KeepBoth, string target = "song.m4a")
    {
        var artifact = InMemory.Artifact("song.m4a") with { Size = size, Sha256 = content is null ? null : MemoryWorld.Hash(content) };
        var manifest = InMemory.Manifest("job_1", artifact);
        var decision = InMemory.Decision(manifest, artifact, policy, InMemory.Target(target));
        return keep ? decision : decision with { Route = decision.Route! with { Release = ReleasePolicy.Delete } };
    }

    private PlanItem Plan(RouteDecision decision) => Assert.Single(new Planner().Plan(decision.Manifest, [decision], _world).Items);

    private void Sync(RouteDecision decision)
    {
        if (_world.Rows.Count == 0 && decision.JobId == "job_1") _world.Source("job_1", "song.m4a", "content");
        _world.CarryOut(new([Plan(decision)]));
    }

    private static void AssertRefused(PlanItem item, string code)
    {
        Assert.Equal((PlanAction.Refuse, FailureClass.Gone, code), (item.Action, item.Failure!.Class, item.Failure.Code));
        Assert.NotEmpty(item.Failure.Hint);
    }
}
