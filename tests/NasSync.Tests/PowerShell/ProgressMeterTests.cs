using NasSync.PowerShell.Pipeline;
using NasSync.Tests.Support;

namespace NasSync.Tests.PowerShell;

public sealed class ProgressMeterTests
{
    private static readonly PlanItem Song = SampleEvents.Item(path: "Song.m4a", size: 1000);
    private static readonly PlanItem Video = SampleEvents.Item(path: "Video.mp4", size: 3000);
    private readonly ManualTime _time = new();
    private readonly ProgressMeter _meter;

    public ProgressMeterTests()
    {
        _meter = new ProgressMeter(_time);
        _meter.Observe(SampleEvents.Planned(Song, Video));
    }

    [Fact]
    public void Nothing_is_shown_in_the_first_two_seconds()
    {
        _time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.Null(_meter.Observe(new TransferEvent.Progress(Song, 500)));
    }

    [Fact]
    public void The_line_names_the_file_and_counts_the_whole_run()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            new ProgressLine("Song.m4a", "500 B of 3.91 KiB", 12, 14),
            _meter.Observe(new TransferEvent.Progress(Song, 500)));
    }

    [Fact]
    public void At_most_five_lines_a_second_are_shown()
    {
        var shown = 0;
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 1000; i++)
        {
            if (_meter.Observe(new TransferEvent.Progress(Song, i)) is not null) shown++;
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(5, shown);
    }

    [Fact]
    public void Items_that_move_at_the_same_time_and_items_that_are_done_add_up()
    {
        _meter.Observe(new TransferEvent.Progress(Song, 999));
        _meter.Observe(new TransferEvent.Committed(Song, SampleEvents.Receipt(1000), TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(50, _meter.Observe(new TransferEvent.Progress(Video, 1000))?.Percent);
    }

    [Fact]
    public void A_failed_item_does_not_keep_the_bar_from_its_end()
    {
        _meter.Observe(new TransferEvent.Failed("Song.m4a", SampleEvents.Failure(), Song));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(100, _meter.Observe(new TransferEvent.Progress(Video, 3000))?.Percent);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9000, 100)]
    public void The_percentage_stays_between_0_and_100_even_when_a_file_grows(long bytes, int percent)
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(percent, _meter.Observe(new TransferEvent.Progress(Song, bytes))?.Percent);
    }

    [Fact]
    public void Without_a_plan_the_percentage_is_unknown()
    {
        var meter = new ProgressMeter(_time);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(-1, meter.Observe(new TransferEvent.Started(Song))?.Percent);
    }
}
