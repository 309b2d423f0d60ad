using NasSync.Failures;

namespace NasSync.Tests.Failures;

public sealed class RetryPolicyTests
{
    private readonly RetryPolicy _policy = new(5, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(4, 40)]
    public void The_bound_doubles_with_each_try(int attempts, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), _policy.DelayAfter(Failure(FailureClass.Transient), attempts, 1));
        Assert.Equal(TimeSpan.Zero, _policy.DelayAfter(Failure(FailureClass.Transient), attempts, 0));
    }

    [Fact]
    public void No_delay_is_beyond_the_greatest() =>
        Assert.Equal(TimeSpan.FromSeconds(60), (_policy with { MaxAttempts = 1000 }).DelayAfter(Failure(FailureClass.Transient), 900, 1));

    [Fact]
    public void Tries_end() => Assert.Null(_policy.DelayAfter(Failure(FailureClass.Transient), 5, 0.5));

    [Fact]
    public void Who_asks_for_patience_gets_it() =>
        Assert.Equal(
            TimeSpan.FromMinutes(3),
            _policy.DelayAfter(Failure(FailureClass.Throttled) with { RetryAfter = TimeSpan.FromMinutes(3) }, 1, 0.5));

    [Theory]
    [InlineData(FailureClass.NoSpace)]
    [InlineData(FailureClass.Unavailable)]
    [InlineData(FailureClass.Auth)]
    [InlineData(FailureClass.Permission)]
    [InlineData(FailureClass.Mismatch)]
    [InlineData(FailureClass.Conflict)]
    [InlineData(FailureClass.Escape)]
    [InlineData(FailureClass.Gone)]
    [InlineData(FailureClass.Invalid)]
    [InlineData(FailureClass.Config)]
    [InlineData(FailureClass.Bug)]
    public void What_does_not_pass_in_minutes_is_not_tried_again(FailureClass @class) => Assert.Null(_policy.DelayAfter(Failure(@class), 1, 0.5));

    [Theory]
    [InlineData("SourceChanged")]
    [InlineData("TargetChanged")]
    [InlineData("Stopped")]
    public void What_needs_a_new_plan_is_not_tried_again_with_the_old_one(string code) =>
        Assert.Null(_policy.DelayAfter(Failure(FailureClass.Transient) with { Code = code }, 1, 0.5));

    [Theory]
    [InlineData(FailureClass.Transient, true)]
    [InlineData(FailureClass.Throttled, true)]
    [InlineData(FailureClass.Unavailable, true)]
    [InlineData(FailureClass.NoSpace, true)]
    [InlineData(FailureClass.Permission, false)]
    [InlineData(FailureClass.Conflict, false)]
    [InlineData(FailureClass.Bug, false)]
    public void A_later_run_tries_again_what_may_pass_and_nothing_else(FailureClass kind, bool again) =>
        Assert.Equal(again, _policy.DelayToNextRun(Failure(kind), 1, 1) is not null);

    [Fact]
    public void The_delay_to_the_next_run_grows_to_its_bound_and_heeds_who_asks_for_patience()
    {
        Assert.Equal(_policy.BaseDelay * 4, _policy.DelayToNextRun(Failure(FailureClass.Unavailable), 3, 1));
        Assert.Equal(_policy.MaxDelay, _policy.DelayToNextRun(Failure(FailureClass.Unavailable), 1000, 1));
        Assert.Equal(
            TimeSpan.FromDays(1),
            _policy.DelayToNextRun(Failure(FailureClass.Throttled) with { RetryAfter = TimeSpan.FromDays(1) }, 1, 0.5));
    }

    private static Failure Failure(FailureClass @class) => new(@class, "X", "X.", "Y.");
}
