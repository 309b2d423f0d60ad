using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>When a manifest has all its outcomes, and when it is tried again.</summary>
public sealed class JobTalliesTests
{
    private const string Manifest = "/outputs/job_1/manifest.json";
    private readonly ManualTime _time = new();
    private readonly JobTallies _jobs;

    public JobTalliesTests()
    {
        _jobs = new JobTallies(_time);
        _jobs.Begin(Manifest);
        Assert.Null(_jobs.Count(SampleEvents.Planned(SampleEvents.Item(path: "a.m4a"), SampleEvents.Item(path: "b.m4a"))));
    }

    [Fact]
    public void It_is_tried_again_when_the_first_of_its_items_may_be()
    {
        foreach (var seconds in new[] { 30, 10, 20 }) _jobs.TryAgainAt(Manifest, _time.GetUtcNow().AddSeconds(seconds));
        Assert.Null(_jobs.Count(SampleEvents.Failed("a.m4a")));
        var done = _jobs.Count(SampleEvents.Failed("b.m4a"));
        Assert.Equal((TimeSpan.FromSeconds(10), 2), (done?.Again, done?.Event.Result.Failed));
        Assert.True(_jobs.AreEmpty);
    }

    [Fact]
    public void What_is_told_of_twice_is_one_outcome()
    {
        Assert.Null(_jobs.Count(SampleEvents.Committed(path: "a.m4a")));
        Assert.Null(_jobs.Count(SampleEvents.Failed("a.m4a"))); // its source could not be removed
        Assert.Equal((null, 1), _jobs.Count(SampleEvents.Committed(path: "b.m4a")) is { } done ? (done.Again, done.Event.Result.Failed) : default);
    }
}
