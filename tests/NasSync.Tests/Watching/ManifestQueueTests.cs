using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

public sealed class ManifestQueueTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void First_come_first_served_and_each_once()
    {
        var queue = new ManifestQueue(_time);
        foreach (var job in new[] { "b", "a", "b", "c" }) queue.Add(job);
        queue.Forget("c");
        Assert.Equal(["b", "a"], Taken(queue));
        queue.Add("b");
        Assert.Equal(["b"], Taken(queue));
    }

    [Fact]
    public void What_comes_back_later_comes_once_at_the_earliest_of_its_times_and_behind_the_others()
    {
        var queue = new ManifestQueue(_time);
        queue.AddLater("a", TimeSpan.FromSeconds(30));
        queue.AddLater("a", TimeSpan.FromSeconds(10));
        queue.AddLater("a", TimeSpan.FromSeconds(20));
        queue.AddLater("gone", TimeSpan.FromSeconds(5));
        queue.AddLater("b", TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(5), queue.UntilNext);
        _time.Advance(TimeSpan.FromSeconds(9));
        queue.Release(job => job != "gone");
        Assert.Empty(Taken(queue));

        queue.Add("c");
        queue.Add("b"); // sooner than asked for, and not again
        _time.Advance(TimeSpan.FromSeconds(60));
        queue.Release(job => job != "gone");
        Assert.Equal(["c", "b", "a"], Taken(queue));
        Assert.Equal((0, null), (queue.Later, queue.UntilNext));
    }

    [Fact]
    public async Task What_is_held_waits()
    {
        var queue = new ManifestQueue(_time);
        queue.Hold(true);
        queue.Add("a");
        var first = queue.TakeAsync(default).AsTask();
        Assert.False(first.IsCompleted);
        queue.Hold(false);
        Assert.Equal("a", await first);
    }

    [Fact]
    public void Ten_thousand_waiting_jobs_take_little_memory()
    {
        var jobs = Enumerable.Range(0, 10_000).Select(number => $"job_{number}").ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var queue = new ManifestQueue(_time);
        foreach (var job in jobs) queue.Add(job);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / jobs.Length, 0, 300);
    }

    private static List<string> Taken(ManifestQueue queue)
    {
        var taken = new List<string>();
        while (queue.TryTake(out var job)) taken.Add(job);
        return taken;
    }
}
