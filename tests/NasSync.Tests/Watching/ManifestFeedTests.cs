using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>The order in which manifests are handed out while a folder is watched.</summary>
public sealed class ManifestFeedTests
{
    private readonly ManualTime _time = new();
    private readonly ManifestFeed _queue;

    public ManifestFeedTests() => _queue = new ManifestFeed(_time);

    [Fact]
    public async Task First_come_first_served_and_each_once()
    {
        foreach (var path in new[] { "b", "a", "b", "c", "a" }) _queue.Offer(path);
        Assert.Equal(3, _queue.Depth);
        Assert.Equal(["b", "a", "c"], [await NextAsync(), await NextAsync(), await NextAsync()]);
        Assert.Null(await _queue.NextAsync(TimeSpan.Zero, default));
    }

    [Fact]
    public async Task What_is_in_hand_comes_again_only_after_its_end()
    {
        _queue.Offer("a");
        Assert.Equal("a", await NextAsync());
        _queue.Offer("a");
        _queue.Offer("a");
        Assert.Null(await _queue.NextAsync(TimeSpan.Zero, default));
        _queue.Done("a", null);
        Assert.Equal("a", await NextAsync());
        _queue.Done("a", null);
        Assert.Null(await _queue.NextAsync(TimeSpan.Zero, default));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task What_failed_comes_again_when_its_time_is_there()
    {
        _queue.Offer("a");
        await NextAsync();
        var next = _queue.NextAsync(null, default).AsTask();
        _queue.Done("a", TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);
        await _time.RunUntilAsync(next);
        Assert.Equal("a", await next);
    }

    [Fact]
    public async Task What_comes_again_later_comes_once_and_sooner_when_it_is_offered()
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            _queue.Offer("a");
            Assert.Equal("a", await NextAsync());
            _queue.Done("a", TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromSeconds(8));
        }

        _time.Advance(TimeSpan.FromSeconds(21)); // of the first two the time is there
        Assert.Equal("", await NextAsync());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a", ""], [await NextAsync(), await NextAsync()]);
        _queue.Done("a", TimeSpan.FromSeconds(30));
        _queue.Offer("a");
        Assert.Equal("a", await NextAsync());
        _queue.Done("a", null);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("", await NextAsync());
    }

    [Fact]
    public async Task What_is_gone_neither_waits_nor_comes_again()
    {
        foreach (var path in new[] { "waits", "later", "in hand", "stays" }) _queue.Offer(path);
        Assert.Equal("waits", await NextAsync());
        _queue.Done("waits", null);
        Assert.Equal(["later", "in hand"], [await NextAsync(), await NextAsync()]);
        _queue.Done("later", TimeSpan.FromSeconds(30));
        foreach (var path in new[] { "waits", "in hand" }) _queue.Offer(path);
        foreach (var path in new[] { "waits", "later", "in hand" }) _queue.Forget(path);
        _queue.Done("in hand", null);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["stays", ""], [await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public void Ten_thousand_manifests_that_wait_take_little_memory()
    {
        var paths = Enumerable.Range(0, 10_000).Select(number => $"job_{number}").ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var path in paths) _queue.Offer(path);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / paths.Length, 0, 300);
    }

    [Fact]
    public async Task Who_waits_is_woken_by_an_offer_and_by_the_end()
    {
        var next = _queue.NextAsync(null, default).AsTask();
        Assert.False(next.IsCompleted);
        _queue.Offer("a");
        Assert.Equal("a", await next);
        var none = _queue.NextAsync(null, default).AsTask();
        _queue.End();
        Assert.Null(await none);
        Assert.True(_queue.IsEnded);
    }

    [Fact]
    public async Task It_is_caught_up_when_all_was_offered_and_nothing_waits()
    {
        Assert.False(_queue.IsCaughtUp);
        _queue.Offer("a");
        _queue.HasAll();
        Assert.False(_queue.IsCaughtUp);
        await NextAsync();
        Assert.True(_queue.IsCaughtUp);
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var next = _queue.NextAsync(null, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private async Task<string> NextAsync() => await _queue.NextAsync(TimeSpan.Zero, default) ?? "";
}
