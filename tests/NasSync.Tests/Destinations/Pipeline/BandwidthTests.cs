using NasSync.Destinations.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Pipeline;

public sealed class BandwidthTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 14, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_second_is_free_and_then_bytes_wait_for_their_time()
    {
        var bucket = new TokenBucket(() => 1000, _time);
        Assert.True(bucket.TakeAsync(1000, default).AsTask().IsCompleted);
        var waiting = bucket.TakeAsync(500, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(400));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await waiting;
    }

    [Fact]
    public async Task A_block_larger_than_a_second_is_paid_for_afterwards()
    {
        var bucket = new TokenBucket(() => 1000, _time);
        Assert.True(bucket.TakeAsync(5000, default).AsTask().IsCompleted);
        var waiting = bucket.TakeAsync(1, default).AsTask();
        for (var second = 0; second < 4; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            while (_time.Waiting == 0) await Task.Yield();
            Assert.False(waiting.IsCompleted);
        }

        _time.Advance(TimeSpan.FromSeconds(1.1));
        await waiting;
    }

    [Fact]
    public void Without_a_limit_nothing_waits()
    {
        var bucket = new TokenBucket(() => null, _time);
        for (var i = 0; i < 100; i++) Assert.True(bucket.TakeAsync(int.MaxValue, default).AsTask().IsCompleted);
    }

    [Theory]
    [InlineData(7, 59, null)]
    [InlineData(8, 0, 5L)]
    [InlineData(17, 59, 5L)]
    [InlineData(18, 0, null)]
    [InlineData(23, 0, 9L)]
    [InlineData(1, 0, 9L)]
    [InlineData(2, 0, null)]
    public void The_first_rule_that_holds_the_time_of_day_counts(int hour, int minute, long? expected)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 14, hour, minute, 0, TimeSpan.Zero));
        var timetable = new BandwidthTimetable([new(new(8, 0), new(18, 0), 5), new(new(22, 0), new(2, 0), 9), new(null, null, null)], time);
        Assert.Equal(expected, timetable.Now());
    }

    [Fact]
    public void Both_the_shared_limit_and_the_own_one_hold()
    {
        var shared = new TokenBucket(() => 1000, _time);
        var (one, two) = (
            new BandwidthLimits(shared, new TokenBucket(() => null, _time)),
            new BandwidthLimits(shared, new TokenBucket(() => 100, _time)));
        Assert.True(one.TakeAsync(900, default).AsTask().IsCompleted);
        Assert.True(two.TakeAsync(100, default).AsTask().IsCompleted);
        Assert.False(one.TakeAsync(1, default).AsTask().IsCompleted);
    }
}
