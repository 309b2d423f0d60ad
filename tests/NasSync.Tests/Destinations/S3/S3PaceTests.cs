using NasSync.Destinations.S3;
using NasSync.Tests.Support;
using static NasSync.Tests.Destinations.S3.CephPlace;

namespace NasSync.Tests.Destinations.S3;

/// <summary>An overwhelmed server is given fewer requests at a time, and gets them back step by step.</summary>
public sealed class S3PaceTests
{
    [Fact]
    public async Task A_refusal_halves_the_requests_and_each_good_round_adds_one()
    {
        using var pace = new S3Pace(8, new ManualTime());
        await TurnsAsync(pace, 1, false);
        Assert.Equal(4, pace.Limit);
        await TurnsAsync(pace, 4, true);
        Assert.Equal(5, pace.Limit);
        await TurnsAsync(pace, 4, true);
        Assert.Equal(5, pace.Limit);
        await TurnsAsync(pace, 1 + 6 + 7, true);
        Assert.Equal(8, pace.Limit);
        await TurnsAsync(pace, 100, true);
        Assert.Equal(8, pace.Limit);
    }

    [Fact]
    public async Task A_burst_of_refusals_is_one_cut_and_one_request_always_stays()
    {
        using var pace = new S3Pace(8, new ManualTime());
        var burst = new List<int>();
        for (var i = 0; i < 8; i++) burst.Add(await pace.EnterAsync(default));
        foreach (var turn in burst) pace.Leave(turn, false);
        Assert.Equal(4, pace.Limit);
        await TurnsAsync(pace, 5, false);
        Assert.Equal(1, pace.Limit);
        await TurnsAsync(pace, 1, null);
        Assert.Equal(1, pace.Limit);
    }

    [Fact]
    public async Task A_request_that_waits_for_its_turn_is_not_sent_while_the_server_asks_for_a_rest()
    {
        var time = new ManualTime();
        using var pace = new S3Pace(1, time);
        var turn = await pace.EnterAsync(default);
        var waiting = pace.EnterAsync(default).AsTask();
        pace.Rest(TimeSpan.FromSeconds(10));
        pace.Leave(turn, null);
        await Assert.ThrowsAsync<S3RestException>(() => waiting);

        // Its turn is free again.
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await pace.EnterAsync(default));
    }

    [Fact]
    public async Task No_more_requests_than_the_limit_are_on_their_way()
    {
        using var pace = new S3Pace(4, new ManualTime());
        var turns = new List<int>();
        for (var i = 0; i < 4; i++) turns.Add(await pace.EnterAsync(default));
        pace.Leave(turns[0], false);
        pace.Leave(turns[1], null);
        var next = pace.EnterAsync(default).AsTask();
        Assert.False(next.IsCompleted);
        pace.Leave(turns[2], null);
        var turn = await next;
        using var stop = new CancellationTokenSource();
        var stopped = pace.EnterAsync(stop.Token).AsTask();
        Assert.False(stopped.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        pace.Leave(turns[3], null);
        pace.Leave(turn, null);
        Assert.Equal([0, 0], new[] { await pace.EnterAsync(default), await pace.EnterAsync(default) }.Select(one => one - 1));
    }

    [Fact]
    public async Task A_short_rest_is_waited_for_and_a_long_one_is_told()
    {
        var time = new ManualTime();
        using var pace = new S3Pace(4, time);
        pace.Rest(TimeSpan.FromSeconds(20));
        pace.Rest(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(20), (await Assert.ThrowsAsync<S3RestException>(() => pace.EnterAsync(default).AsTask())).Rest);
        time.Advance(TimeSpan.FromSeconds(18));
        var waits = pace.EnterAsync(default).AsTask();
        Assert.False(waits.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        await waits;
        pace.Rest(TimeSpan.FromDays(3));
        time.Advance(TimeSpan.FromMinutes(5));
        await pace.EnterAsync(default);
    }

    [Theory]
    [InlineData(503, "SlowDown", true)]
    [InlineData(503, "ServiceUnavailable", true)]
    [InlineData(429, "TooManyRequests", true)]
    [InlineData(500, "InternalError", true)]
    [InlineData(502, "BadGateway", true)]
    [InlineData(501, "NotImplemented", false)]
    [InlineData(403, "AccessDenied", false)]
    public async Task What_overwhelms_a_server_halves_its_requests(int status, string code, bool halves)
    {
        await using var server = await ScriptedS3.StartAsync();
        using var bucket = new S3Bucket(Describe(server.Endpoint, "b"), Keys, Small with { Retries = 0 }, TimeProvider.System);
        server.Script = async request =>
        {
            await request.FailAsync(status, code);
            return true;
        };
        await Assert.ThrowsAsync<FailureException>(() => bucket.DeleteAsync("x", null, default));
        Assert.Equal(halves ? 16 : 32, bucket.RequestsAtATime);
        server.Script = _ => Task.FromResult(false);
        for (var i = 0; i < 16; i++) await bucket.DeleteAsync("x", null, default);
        Assert.Equal(halves ? 17 : 32, bucket.RequestsAtATime);
    }

    [Fact]
    public async Task A_server_that_names_a_time_gets_it_from_every_request()
    {
        var time = new ManualTime();
        await using var server = await ScriptedS3.StartAsync();
        await using var destination = new S3Destination(Describe(server.Endpoint, "b"), Keys, options: Small with { Retries = 3 }, time: time);
        server.Script = async request =>
        {
            if (request.Kind != "Head") return false;
            request.Response.Headers.RetryAfter = "30";
            await request.FailAsync(503, "SlowDown");
            return true;
        };
        var first = (await Assert.ThrowsAsync<FailureException>(() => destination.StatAsync(RelativePath.Parse("x"), default).AsTask())).Failure;
        time.Advance(TimeSpan.FromSeconds(10));
        var second = (await Assert.ThrowsAsync<FailureException>(() => destination.DeleteAsync(RelativePath.Parse("y"), default).AsTask())).Failure;
        Assert.Equal((FailureClass.Throttled, TimeSpan.FromSeconds(30)), (first.Class, first.RetryAfter));
        Assert.Equal((FailureClass.Throttled, TimeSpan.FromSeconds(20)), (second.Class, second.RetryAfter));
        Assert.Equal(["Head"], server.Seen);
        time.Advance(TimeSpan.FromSeconds(20));
        await destination.DeleteAsync(RelativePath.Parse("y"), default);
        Assert.Equal(["Head", "Delete"], server.Seen);
    }

    private static async Task TurnsAsync(S3Pace pace, int count, bool? outcome)
    {
        for (var i = 0; i < count; i++) pace.Leave(await pace.EnterAsync(default), outcome);
    }
}
