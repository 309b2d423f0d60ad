using NasSync.Service.Output;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class ProgressTests : IDisposable
{
    private static readonly PlanItem Item = SampleEvents.Item(size: 4 << 20);
    private readonly StringWriter _terminal = new() { NewLine = "\n" };
    private readonly ManualTime _time = new();
    private readonly ProgressDisplay _display;

    public ProgressTests() => _display = new ProgressDisplay(_terminal, 80, _time);

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void A_short_run_shows_nothing()
    {
        _display.Show(SampleEvents.Planned(Item));
        _display.Show(new TransferEvent.Started(Item));
        _display.Show(SampleEvents.Finished());
        Assert.Empty(_terminal.ToString());
    }

    [Fact]
    public void A_long_run_shows_bytes_rate_and_time_left()
    {
        Begin();
        Move(1 << 20, seconds: 2);
        Assert.Equal(" 25%  1.0 MiB of 4.0 MiB  512.0 KiB/s  ETA 0:06  0 of 1 item\n   25%  Song.m4a\n", _terminal.ToString());
    }

    [Fact]
    public void It_is_redrawn_at_most_five_times_a_second()
    {
        Begin();
        for (var i = 0; i < 100; i++) Move(i, seconds: 0.02);
        Assert.InRange(_terminal.ToString().Split(" of 4.0 MiB").Length - 1, 5, 10);
    }

    [Fact]
    public void At_most_three_files_are_listed()
    {
        for (var i = 0; i < 6; i++) _display.Show(new TransferEvent.Started(SampleEvents.Item(path: $"{i}.m4a")));
        Move(1, seconds: 1);
        Assert.Equal(4, _terminal.ToString().Count(c => c == '\n'));
    }

    [Fact]
    public void Clearing_removes_every_line_once()
    {
        Begin();
        Move(1 << 20, seconds: 2);
        _terminal.GetStringBuilder().Clear();
        _display.Clear();
        _display.Clear();
        Assert.Equal("\u001b[2A\u001b[J", _terminal.ToString());
    }

    [Fact]
    public void A_finished_file_counts_whole_and_a_failed_one_no_more()
    {
        var other = SampleEvents.Item(path: "other.m4a", size: 4 << 20);
        _display.Show(SampleEvents.Planned(Item, other));
        _display.Show(new TransferEvent.Started(Item));
        _display.Show(new TransferEvent.Committed(Item, SampleEvents.Receipt(4 << 20), TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(1));
        _display.Show(new TransferEvent.Failed("other", SampleEvents.Failure(), other));
        Assert.StartsWith("100%  4.0 MiB of 4.0 MiB", _terminal.ToString());
        Assert.Contains("2 of 2 items", _terminal.ToString());
    }

    [Fact]
    public void A_name_cannot_drive_the_terminal_or_overflow_the_line()
    {
        var odd = SampleEvents.Item(path: "\u001b[2J" + new string('音', 100));
        _display.Show(new TransferEvent.Started(odd));
        _time.Advance(TimeSpan.FromSeconds(1));
        _display.Show(new TransferEvent.Progress(odd, 1));
        Assert.DoesNotContain("\u001b[2J", _terminal.ToString(), StringComparison.Ordinal);
        Assert.All(_terminal.ToString().Split('\n'), line => Assert.InRange(Cells.Width(line), 0, 79));
    }

    private void Begin()
    {
        _display.Show(SampleEvents.Planned(Item));
        _display.Show(new TransferEvent.Started(Item));
    }

    private void Move(long bytes, double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _display.Show(new TransferEvent.Progress(Item, bytes));
    }
}
