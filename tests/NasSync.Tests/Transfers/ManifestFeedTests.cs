using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

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
