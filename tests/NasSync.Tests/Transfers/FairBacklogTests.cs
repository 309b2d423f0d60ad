using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>In which order items get a slot that many wait for.</summary>
public sealed class FairBacklogTests
{
    private readonly FairBacklog _backlog = new();

    [Fact]
    public void Items_of_one_job_keep_their_order()
    {
        var job = Job("a", 40);
        Put(job);
        Assert.Equal(job, All());
        Assert.Null(_backlog.Peek());
    }

    [Fact]
    public void A_large_job_gives_a_small_one_its_turn()
    {
        var (large, small) = (Job("large", 100), Job("small", 2));
        Put(large);
        Put(small);
        Assert.Equal([.. large.Take(FairBacklog.Turn), .. small, .. large.Skip(FairBacklog.Turn)], All());
    }

    [Fact]
    public void Small_jobs_are_done_one_after_the_other()
    {
        var jobs = Enumerable.Range(0, 5).SelectMany(i => Job($"job_{i}", 3)).ToList();

        // Mixed, as artifacts come that had to settle.
        foreach (var item in jobs.OrderBy(item => item.Artifact.Path, StringComparer.Ordinal)) _backlog.Enqueue(item);
        Assert.Equal(jobs, All());
    }

    [Fact]
    public void A_job_that_comes_back_waits_behind_the_others()
    {
        var (first, second, third) = (Job("a", 1), Job("b", 1), Job("a", 1));
        Put(first);
        Put(second);
        Assert.Equal(first[0], _backlog.Dequeue());
        Put(third);
        Assert.Equal([second[0], third[0]], All());
        Assert.Equal(0, _backlog.Count);
    }

    private static List<PlanItem> Job(string jobId, int items)
    {
        var manifest = SampleEvents.Manifest(jobId);
        return [.. Enumerable.Range(0, items).Select(i => SampleEvents.Item(jobId: jobId, path: $"{i:000}.m4a") with { Manifest = manifest })];
    }

    private void Put(IEnumerable<PlanItem> items)
    {
        foreach (var item in items) _backlog.Enqueue(item);
    }

    private List<PlanItem> All()
    {
        var all = new List<PlanItem>();
        while (_backlog.Peek() is { } next)
        {
            Assert.Same(next, _backlog.Dequeue());
            all.Add(next);
        }

        return all;
    }
}
