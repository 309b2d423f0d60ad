using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>When a job to which something happens again and again is looked at.</summary>
public sealed class DebounceTests
{
    private readonly ManualTime _time = new();
    private readonly Debounce _restless;

    public DebounceTests() => _restless = new Debounce(_time);

    [Fact]
    public void A_job_is_due_once_it_has_been_quiet_since_the_last_of_what_happened()
    {
        _restless.Touch("a", isChange: true);
        _time.Advance(Debounce.Quiet * 0.9);
        _restless.Touch("a", isChange: false);
        _time.Advance(Debounce.Quiet * 0.9);
        Assert.Null(Take());
        Assert.InRange(_restless.UntilNext!.Value, TimeSpan.FromTicks(1), Debounce.Quiet);
        _time.Advance(Debounce.Quiet * 0.1);
        Assert.Equal(("a", true), Take()); // that it was a change is not forgotten
        Assert.Null(Take());
        Assert.Null(_restless.UntilNext);
    }

    [Fact]
    public void A_job_that_is_never_quiet_is_looked_at_all_the_same()
    {
        var began = _time.GetTimestamp();
        do
        {
            _restless.Touch("a", isChange: false);
            _time.Advance(Debounce.Quiet / 2);
        }
        while (_time.GetElapsedTime(began) < TimeSpan.FromMinutes(1) && Take() is null);
        Assert.InRange(_time.GetElapsedTime(began), Debounce.Longest, Debounce.Longest + Debounce.Quiet);
    }

    [Fact]
    public void What_is_known_by_now_is_not_looked_at_and_each_waits_for_itself()
    {
        _restless.Touch("a", isChange: false);
        _time.Advance(Debounce.Quiet / 2);
        _restless.Touch("b", isChange: false);
        _restless.Forget("a");
        _time.Advance(Debounce.Quiet / 2);
        Assert.Null(Take());
        _time.Advance(Debounce.Quiet / 2);
        Assert.Equal(("b", false), Take());
    }

    private (string Job, bool IsChange)? Take() => _restless.TryTake(out var job, out var isChange) ? (job, isChange) : null;
}
