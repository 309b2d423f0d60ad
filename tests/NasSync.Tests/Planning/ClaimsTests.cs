using NasSync.Planning;
using NasSync.Tests.Support;

namespace NasSync.Tests.Planning;

/// <summary>The places that a run's items take, held in few bytes.</summary>
public sealed class ClaimsTests
{
    private readonly Claims _claims = new();

    [Theory]
    [InlineData("a.m4a")]
    [InlineData("x/a.m4a")]
    [InlineData("x/y/a.m4a")]
    public void A_place_is_found_again_in_whatever_spelling(string path)
    {
        Take("job_1", path);
        Assert.Equal("job_1", Other(path.ToUpperInvariant(), "job_2")?.JobId);
        Assert.Null(Other(path, "job_1"));
        Assert.Null(Other(path + "x", "job_2"));
        Assert.Null(Other("x/y/z/a.m4a", "job_2"));
    }

    [Theory]
    [InlineData("x/y/a.m4a", "x/y")]
    [InlineData("x/y/a.m4a", "X")]
    public void A_folder_of_a_file_is_no_place_for_a_file(string taken, string wanted)
    {
        Take("job_1", taken);
        Assert.Equal(InMemory.Target(taken), _claims.InTheWay(InMemory.Target(wanted).Key));
    }

    [Theory]
    [InlineData("x/a", "x/a/b.m4a")]
    [InlineData("x/a", "X/A/b/c.m4a")]
    [InlineData("a", "a/b.m4a")]
    public void Below_a_file_is_no_place_for_a_file_and_the_file_is_named_as_it_is_spelled(string taken, string wanted)
    {
        Take("job_0", "x/first.m4a");
        Take("job_1", taken);
        Assert.Equal(InMemory.Target(taken), _claims.InTheWay(InMemory.Target(wanted).Key));
    }

    [Fact]
    public void A_file_of_a_folder_that_is_spelled_in_another_way_is_named_with_its_own_spelling()
    {
        Take("job_0", "Folder/first.m4a");
        Take("job_1", "folder/A");
        Assert.Equal("/nas/folder/A", _claims.InTheWay(InMemory.Target("folder/a/b").Key)?.Display);
    }

    [Fact]
    public void A_file_beside_others_is_in_nobodys_way()
    {
        Take("job_1", "x/a.m4a");
        Assert.Null(_claims.InTheWay(InMemory.Target("x/b.m4a").Key));
        Assert.Null(_claims.InTheWay(InMemory.Target("y/a.m4a/b").Key));
    }

    [Fact]
    public void Who_writes_a_place_keeps_it_against_who_only_has_it()
    {
        Take("job_1", "a.m4a", writes: true);
        Take("job_2", "a.m4a");
        Assert.Equal(new TakenPlace("job_1", true), Other("a.m4a", "job_3"));
    }

    [Fact]
    public void Of_one_artifact_only_the_wish_that_took_a_place_has_it()
    {
        var target = InMemory.Target("a (job_1).m4a");
        _claims.Take(new Claim(target, "job_1", RelativePath.Parse("a.m4a"), InMemory.Target("a.m4a").Key, Writes: true));
        Assert.Null(_claims.Other(target.Key, "job_1", RelativePath.Parse("a.m4a"), InMemory.Target("a.m4a").Key));
        Assert.NotNull(_claims.Other(target.Key, "job_1", RelativePath.Parse("a.m4a"), target.Key));
        Assert.NotNull(_claims.Other(target.Key, "job_1", RelativePath.Parse("b.m4a"), InMemory.Target("a.m4a").Key));
    }

    [Fact]
    public void The_places_of_jobs_of_which_nothing_has_changed_are_taken()
    {
        TakeUnchanged("job_1", "x/y/a.m4a", "x/y/B.m4a");
        TakeUnchanged("job_2", "z/a.m4a", "z/B.m4a");
        TakeUnchanged("job_3", "z/other", "z/B");
        TakeUnchanged("job_4", "w/c.m4a", "v/d.m4a");

        foreach (var (path, job) in new[]
        {
            ("X/y/b.M4A", "job_1"), ("z/A.m4a", "job_2"), ("z/other", "job_3"), ("w/c.m4a", "job_4"), ("v/d.m4a", "job_4"),
        })
        {
            Assert.Equal(new TakenPlace(job, Writes: false), Other(path, "job_9"));
            Assert.Null(Other(path, job));
        }

        Assert.Null(Other("x/y/other", "job_9"));
        Assert.Equal(InMemory.Target("z/other"), _claims.InTheWay(InMemory.Target("z/other/e.m4a").Key));
    }

    [Fact]
    public void A_place_that_another_item_writes_stays_its_own_when_an_unchanged_job_has_it_too()
    {
        Take("job_1", "x/a.m4a", writes: true);
        TakeUnchanged("job_2", "x/a.m4a", "x/b.m4a");
        Assert.True(
            _claims.IsWrittenByOther(InMemory.Target("x/a.m4a").Key, "job_2", RelativePath.Parse("source.m4a"), InMemory.Target("x/a.m4a").Key));
        Take("job_3", "x/b.m4a", writes: true);
        Assert.Equal(new TakenPlace("job_3", Writes: true), Other("x/b.m4a", "job_2"));
    }

    [Fact]
    public void An_unchanged_job_whose_copy_has_a_name_of_its_own_keeps_both_apart()
    {
        var (requested, target) = (InMemory.Target("a.m4a"), InMemory.Target("a (job_1).m4a"));
        TakeUnchanged("job_1", [(requested, target)]);
        Assert.Null(_claims.Other(target.Key, "job_1", RelativePath.Parse("source.m4a"), requested.Key));
        Assert.NotNull(_claims.Other(target.Key, "job_1", RelativePath.Parse("source.m4a"), target.Key));
        Assert.Null(_claims.Other(requested.Key, "job_2", RelativePath.Parse("source.m4a"), requested.Key));
    }

    private void TakeUnchanged(string jobId, params string[] paths) =>
        TakeUnchanged(jobId, [.. paths.Select(path => InMemory.Target(path)).Select(target => (target, target))]);

    private void TakeUnchanged(string jobId, IReadOnlyList<(Target Requested, Target Target)> places)
    {
        var manifest = InMemory.Manifest(jobId, InMemory.Artifact("source.m4a"));
        var items = places.Select(place => new PlanItem
        {
            Manifest = manifest,
            Artifact = manifest.Artifacts[0],
            Action = PlanAction.Unchanged,
            Reason = "unchanged",
            Requested = place.Requested,
            Target = place.Target,
        });
        _claims.TakeUnchanged(jobId, [.. items], [.. places.Select(place => (place.Requested.Key, place.Target.Key))]);
    }

    private void Take(string jobId, string path, bool writes = false) =>
        _claims.Take(new Claim(InMemory.Target(path), jobId, RelativePath.Parse("source.m4a"), InMemory.Target(path).Key, writes));

    private TakenPlace? Other(string path, string jobId) =>
        _claims.Other(InMemory.Target(path).Key, jobId, RelativePath.Parse("source.m4a"), InMemory.Target(path).Key);
}
