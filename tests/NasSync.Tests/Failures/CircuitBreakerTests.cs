using NasSync.Failures;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Failures;

public sealed class CircuitBreakerTests
{
    private static readonly Failure Down = new(FailureClass.Unavailable, "Down", "nas is down.", "Start it.");
    private readonly ManualTime _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker("nas", 3, TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void Three_failures_in_a_row_open_it_and_the_last_one_is_told()
    {
        Fail(2);
        _breaker.Enter();
        Fail(1);
        var error = Assert.Throws<FailureException>(_breaker.Enter);
        Assert.Equal(("BreakerOpen", FailureClass.Unavailable), (error.Failure.Code, error.Failure.Class));
        Assert.Contains("nas is down.", error.Message, StringComparison.Ordinal);
        Assert.Equal("Start it.", error.Failure.Hint);
    }

    [Fact]
    public void A_success_in_between_begins_the_count_again()
    {
        Fail(2);
        _breaker.Succeeded();
        Fail(2);
        _breaker.Enter();
    }

    [Fact]
    public void An_answered_question_does_not_forgive_the_copies_that_failed()
    {
        Fail(2);
        _breaker.Answered();
        Fail(1);
        Assert.Throws<FailureException>(_breaker.Enter);
    }

    [Fact]
    public void An_answered_question_is_enough_to_try_the_place_again()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
        _breaker.Answered();
        _breaker.Enter();
        _breaker.Enter();
    }

    [Fact]
    public void After_a_while_one_call_is_let_through_and_its_success_closes_it()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
        Assert.Throws<FailureException>(_breaker.Enter);
        _breaker.Succeeded();
        _breaker.Enter();
        _breaker.Enter();
    }

    [Fact]
    public void The_failure_of_that_call_opens_it_for_another_while()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
        Fail(1);
        Assert.Throws<FailureException>(_breaker.Enter);
        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
    }

    [Theory]
    [InlineData(FailureClass.Conflict)]
    [InlineData(FailureClass.Mismatch)]
    [InlineData(FailureClass.Permission)]
    [InlineData(FailureClass.Gone)]
    public void An_items_own_failure_shows_that_the_place_answers(FailureClass @class)
    {
        Fail(2);
        _breaker.Failed(Down with { Class = @class });
        Fail(2);
        _breaker.Enter();
    }

    [Fact]
    public void A_call_that_was_stopped_proves_nothing_and_the_next_one_is_let_through_in_its_place()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
        _breaker.Failed(new Failure(FailureClass.Transient, "Stopped", "Stopped.", "Run again."));
        Assert.True(_breaker.IsOpen);
        _breaker.Enter();
        Assert.Throws<FailureException>(_breaker.Enter);
    }

    [Fact]
    public void A_stopped_call_does_not_forgive_the_copies_that_failed()
    {
        Fail(2);
        _breaker.Failed(new Failure(FailureClass.Transient, "Stopped", "Stopped.", "Run again."));
        Fail(1);
        Assert.Throws<FailureException>(_breaker.Enter);
    }

    [Fact]
    public void A_place_that_asks_for_less_load_answers_and_has_taken_no_copy()
    {
        Fail(2);
        _breaker.Failed(Down with { Class = FailureClass.Throttled });
        Fail(1);
        Assert.Throws<FailureException>(_breaker.Enter);

        _time.Advance(TimeSpan.FromSeconds(30));
        _breaker.Enter();
        _breaker.Failed(Down with { Class = FailureClass.Throttled });
        Assert.False(_breaker.IsOpen);
    }

    // Whoever reads the exit code must not look for a cable when it is the key.
    [Theory]
    [InlineData(FailureClass.Auth, ExitCode.FailedForGood)]
    [InlineData(FailureClass.NoSpace, ExitCode.WillRetry)]
    [InlineData(FailureClass.Transient, ExitCode.DestinationUnavailable)]
    [InlineData(FailureClass.Unavailable, ExitCode.DestinationUnavailable)]
    public void What_is_left_alone_has_the_exit_code_of_its_cause_and_is_tried_by_the_next_run(FailureClass cause, ExitCode exitCode)
    {
        for (var i = 0; i < 3; i++) _breaker.Failed(Down with { Class = cause });
        var failure = Assert.Throws<FailureException>(_breaker.Enter).Failure;
        Assert.Equal((exitCode, true), (ExitCodes.Of(failure), failure.IsTransient));
    }

    [Fact]
    public void A_corrupt_copy_is_an_items_own_failure_though_it_may_pass()
    {
        for (var i = 0; i < 10; i++) _breaker.Failed(new Failure(FailureClass.Transient, "CopyCorrupt", "X.", "Y."));
        _breaker.Enter();
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++) _breaker.Failed(Down);
    }
}
