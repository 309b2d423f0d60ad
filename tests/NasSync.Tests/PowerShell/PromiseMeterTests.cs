using NasSync.PowerShell.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

public sealed class PromiseMeterTests
{
    private readonly ManualTime _time = new();
    private readonly PromiseMeter _meter;

    public PromiseMeterTests() => _meter = new PromiseMeter(new ProgressPace(_time), "vault", ["first", "second", "third", "fourth"]);

    [Fact]
    public void Nothing_is_shown_in_the_first_two_seconds()
    {
        _time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.Null(_meter.Next());
    }

    [Fact]
    public void The_line_names_the_promise_that_is_tried_now()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(new ProgressLine("second", "vault: 1 of 4", 25, -1), _meter.Next());
    }

    [Fact]
    public void At_most_five_lines_a_second_are_shown()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(_meter.Next());
        _time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Null(_meter.Next());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(75, _meter.Next()?.Percent);
    }

    [Fact]
    public void After_the_last_promise_there_is_nothing_to_name()
    {
        foreach (var _ in Enumerable.Range(0, 3)) _meter.Next();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(_meter.Next());
    }
}
