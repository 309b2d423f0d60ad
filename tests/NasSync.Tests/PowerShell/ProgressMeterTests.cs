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
        Assert.Empty(_meter.Observe(new TransferEvent.Progress(Song, 500)));
    }

    [Fact]
    public void The_line_names_the_file_and_counts_the_whole_run()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            new ProgressLine("Song.m4a", "500 B of 3.91 KiB, 250 B/s", 12, 14),
            Whole(_meter.Observe(new TransferEvent.Progress(Song, 500))));
    }

    [Fact]
    public void At_most_five_lines_a_second_are_shown()
    {
        var shown = 0;
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 1000; i++)
        {
            shown += _meter.Observe(new TransferEvent.Progress(Song, i)).Count(line => line.Bar == 0);
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
        Assert.Equal(50, Whole(_meter.Observe(new TransferEvent.Progress(Video, 1000))).Percent);
    }

    [Fact]
    public void A_failed_item_does_not_keep_the_bar_from_its_end()
    {
        _meter.Observe(new TransferEvent.Failed("Song.m4a", SampleEvents.Failure(), Song));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(100, Whole(_meter.Observe(new TransferEvent.Progress(Video, 3000))).Percent);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9000, 100)]
    public void The_percentage_stays_between_0_and_100_even_when_a_file_grows(long bytes, int percent)
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(percent, Whole(_meter.Observe(new TransferEvent.Progress(Song, bytes))).Percent);
    }

    [Fact]
    public void Without_a_plan_the_percentage_is_unknown()
    {
        var meter = new ProgressMeter(_time);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(-1, Whole(meter.Observe(new TransferEvent.Started(Song))).Percent);
    }

    [Fact]
    public void Each_transfer_has_a_bar_with_its_own_rate_and_time_left()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.Observe(new TransferEvent.Started(Song));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            [new ProgressLine("Song.m4a", "500 B of 0.98 KiB, 250 B/s", 50, 2) { Bar = 1, Heading = "to local" }],
            _meter.Observe(new TransferEvent.Progress(Song, 500)).Skip(1));
    }

    [Fact]
    public void No_more_than_three_transfers_are_shown_and_one_that_waits_takes_over_a_bar()
    {
        var items = Enumerable.Range(0, 5).Select(i => SampleEvents.Item(path: $"{i}.m4a", size: 1000)).ToList();
        foreach (var item in items)
        {
            _meter.Observe(new TransferEvent.Started(item));
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(["0.m4a", "1.m4a", "2.m4a"], Transfers(_meter.Observe(new TransferEvent.Progress(items[0], 1))));
        _meter.Observe(new TransferEvent.Committed(items[1], SampleEvents.Receipt(1000), TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["0.m4a", "3.m4a", "2.m4a"], Transfers(_meter.Observe(new TransferEvent.Progress(items[0], 2))));
    }

    [Fact]
    public void A_bar_that_nobody_takes_over_goes_away_once()
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        _meter.Observe(new TransferEvent.Started(Song));
        _time.Advance(TimeSpan.FromSeconds(1));
        var lines = _meter.Observe(new TransferEvent.Committed(Song, SampleEvents.Receipt(1000), TimeSpan.FromSeconds(1)));
        Assert.Equal([(0, false), (1, true)], lines.Select(line => (line.Bar, line.IsDone)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["Video.mp4"], Transfers(_meter.Observe(new TransferEvent.Started(Video))));
    }

    private static ProgressLine Whole(IReadOnlyList<ProgressLine> lines) => lines.Single(line => line.Bar == 0);

    private static IEnumerable<string> Transfers(IReadOnlyList<ProgressLine> lines) =>
        lines.Where(line => line.Bar > 0).Select(line => line.FileName);
}
