using NasSync.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

public sealed class StallWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ManualTime _time = new();
    private readonly List<string> _said = [];

    [Fact]
    public void Every_sign_of_life_starts_the_time_anew()
    {
        using var watch = new StallWatch(Patience, _time, silence => _said.Add(silence.Message));
        watch.Begin();
        for (var i = 0; i < 10; i++)
        {
            Pass(29);
            watch.Move();
        }

        Pass(29);
        Assert.Empty(_said);
        Pass(1);
        Assert.Equal(["no answer for 30 s"], _said);
        Pass(100);
        Assert.Single(_said);
    }

    [Fact]
    public void What_was_answered_is_not_waited_for()
    {
        using var watch = new StallWatch(Patience, _time, silence => _said.Add(silence.Message));
        for (var i = 0; i < 3; i++)
        {
            watch.Begin();
            Pass(20);
            watch.End();
            Pass(1000);
        }

        Assert.Empty(_said);
        Assert.Equal(0, _time.Waiting);
    }

    [Fact]
    public void A_request_that_may_be_slow_has_ten_times_as_long_and_those_beside_it_too()
    {
        using var watch = new StallWatch(Patience, _time, silence => _said.Add(silence.Message));
        watch.Begin(slow: true);
        watch.Begin();
        for (var i = 0; i < 299; i++) Pass(1);
        Assert.Empty(_said);
        Pass(1);
        Assert.Equal(["no answer for 300 s"], _said);
    }

    [Fact]
    public void A_question_for_a_sign_of_life_comes_before_the_end_and_its_answer_counts()
    {
        using var watch = new StallWatch(Patience, _time, _ => _said.Add("end"), () => _said.Add("nudge"));
        watch.Begin();
        Pass(9);
        Assert.Empty(_said);
        Pass(1);
        Assert.Equal(["nudge"], _said);
        watch.Move();
        for (var i = 0; i < 30; i++) Pass(1);
        Assert.Equal(["nudge", "nudge", "nudge", "end"], _said);
    }

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
