using NasSync.Config;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

public sealed class RetriesTests
{
    private const long MiB = 1024 * 1024;
    private static readonly Failure Lost = new(FailureClass.Transient, "ConnectionLost", "The line broke.", "It is tried again.");
    private readonly Retries _retries = new(new RetryConfig { MaxAttempts = 3 });
    private readonly PlanItem _item = SampleEvents.Item();

    [Fact]
    public void Tries_that_get_no_farther_end() => Assert.Equal([true, true, false], Again(0, 0, 0));

    [Fact]
    public void A_try_that_found_the_file_farther_counts_as_the_first() =>
        Assert.Equal([true, true, true, true, true, false], Again(0, 0, 5 * MiB, 10 * MiB, 10 * MiB, 10 * MiB));

    [Fact]
    public void Small_steps_add_up_but_a_few_bytes_are_none() =>
        Assert.Equal([true, true, true, true, false], Again(0, MiB / 2, MiB, MiB + 1, MiB + 2));

    [Fact]
    public void A_file_that_is_begun_anew_has_come_no_farther() => Assert.Equal([true, true, false], Again(8 * MiB, 0, 4 * MiB));

    [Fact]
    public void A_file_that_came_farther_goes_on_almost_at_once()
    {
        _retries.DelayAfter(_item, Lost, 0);
        for (var step = 1; step <= 50; step++)
            Assert.InRange(_retries.DelayAfter(_item, Lost, step * MiB)!.Value, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void But_not_when_the_next_try_brings_it_no_farther()
    {
        var longest = TimeSpan.Zero;
        for (var step = 1; step <= 50; step++)
        {
            _retries.DelayAfter(_item, Lost, step * MiB);
            if (_retries.DelayAfter(_item, Lost, 0) is { } delay && delay > longest) longest = delay;
        }

        Assert.InRange(longest, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_server_that_names_a_time_gets_it_also_from_a_file_that_came_farther()
    {
        var busy = Lost with { RetryAfter = TimeSpan.FromMinutes(1) };
        _retries.DelayAfter(_item, busy, 0);
        Assert.Equal(TimeSpan.FromMinutes(1), _retries.DelayAfter(_item, busy, MiB));
    }

    [Fact]
    public void What_has_its_outcome_begins_anew()
    {
        Again(0, 0);
        _retries.Forget(_item);
        Assert.Equal([true, true, false], Again(0, 0, 0));
    }

    private List<bool> Again(params long[] resumedAt) => [.. resumedAt.Select(from => _retries.DelayAfter(_item, Lost, from) is not null)];
}
