using NasSync.Config;
using NasSync.Service.Output;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class TableTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Each_item_has_a_row_and_the_last_line_has_the_numbers()
    {
        var result = new SyncResult
        {
            Manifests = 2,
            Committed = 1,
            Unchanged = 1,
            Skipped = 1,
            Failed = 1,
            Bytes = 1536,
            Elapsed = TimeSpan.FromSeconds(0.3),
        };
        Assert.Equal(
            """
            JOB    ARTIFACT                  TARGET                          SIZE  VERIFIED            RESULT
            job_1  audio/instrumental a.m4a  /mnt/nas/Instrumental/a.m4a  1.5 KiB  read back (cached)  copied, fsynced
            job_1  audio/instrumental b.m4a  /mnt/nas/Instrumental/b.m4a  1.5 KiB  -                   unchanged
            job_1  audio/instrumental c.m4a  -                            1.5 KiB  -                   skipped: no route matches audio/instrumental
            job_1  audio/instrumental d.m4a  /mnt/nas/Instrumental/d.m4a  1.5 KiB  -                   FAILED: artifact 'Song.m4a' lies outside its job
                Remove the link from the job folder. [EscapesJob]

            2 jobs, 1 copied (1.5 KiB), 1 unchanged, 1 skipped, 1 failed in 0.3 s

            """,
            Show(
                null,
                SampleEvents.Failed("d.m4a"),
                SampleEvents.Skipped(SkipKind.Unchanged, "b.m4a"),
                SampleEvents.Skipped(SkipKind.Unrouted, "c.m4a"),
                SampleEvents.Committed(path: "a.m4a"),
                SampleEvents.Finished(result)));
    }

    [Fact]
    public void The_source_goes_after_its_copies()
    {
        var lines = Show(
            null,
            new TransferEvent.Released(SampleEvents.Manifest(), SampleEvents.Artifact("a.m4a")),
            SampleEvents.Committed(path: "a.m4a"),
            SampleEvents.Finished()).Split('\n');
        Assert.EndsWith("copied, fsynced", lines[1]);
        Assert.EndsWith("source removed", lines[2]);
    }

    [Fact]
    public void When_nothing_changed_the_summary_says_unchanged() =>
        Assert.Equal(
            "2 jobs, 4 unchanged, 1 skipped, 0 failed in 0.1 s",
            TableOutput.Summary(new SyncResult { Manifests = 2, Unchanged = 4, Skipped = 1, Elapsed = TimeSpan.FromSeconds(0.1) }));

    [Fact]
    public void A_stopped_run_says_so() =>
        Assert.Equal("stopped: 1 job, 0 copied, 0 failed in 0.0 s", TableOutput.Summary(new SyncResult { Manifests = 1, Stopped = true }));

    [Theory]
    [InlineData("new\nline.m4a", @"new\nline.m4a")]
    [InlineData("esc\u001b[2J.m4a", @"esc\u001b[2J.m4a")]
    [InlineData("\u202egpj.m4a", @"\u202egpj.m4a")]
    public void An_odd_name_stays_on_its_row(string name, string shown)
    {
        var text = Show(null, SampleEvents.Committed(path: name), SampleEvents.Finished());
        Assert.Contains(shown, text);
        Assert.Equal(4, text.Split('\n', StringSplitOptions.None).Count(line => line.Length > 0) + 1);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void Wide_characters_keep_the_columns_in_line()
    {
        var lines =
            Show(null, SampleEvents.Committed(path: "🎵 音楽.m4a"), SampleEvents.Committed(path: "plain ascii name.m4a"), SampleEvents.Finished())
                .Split('\n');
        var columns = lines.Take(3).Select(line => Cells.Width(
            line[..(line.IndexOf("KiB", StringComparison.Ordinal) is > 0 and var at ? at + 3 : line.IndexOf("SIZE", StringComparison.Ordinal) + 4)]));
        Assert.Single(columns.Distinct());
    }

    [Fact]
    public void A_narrow_terminal_shortens_paths_and_never_the_message()
    {
        var text = Show(80, SampleEvents.Committed(
            path: "A rather long name of a song, with more words than needed.m4a"), SampleEvents.Failed(), SampleEvents.Finished());
        var lines = text.Split('\n');
        Assert.All(lines.Take(2), line => Assert.InRange(Cells.Width(line), 1, 80));
        Assert.Contains("…", lines[1]);
        Assert.Contains("FAILED: artifact 'Song.m4a' lies outside its job", text);
    }

    [Fact]
    public void A_pipe_gets_everything_whole()
    {
        var name = new string('n', 200) + ".m4a";
        Assert.Contains($"/mnt/nas/Instrumental/{name}", Show(null, SampleEvents.Committed(path: name), SampleEvents.Finished()));
    }

    [Fact]
    public void Of_a_long_run_only_failures_follow_the_first_rows()
    {
        var many = Enumerable.Range(0, RowOutput.RowsInTable + 50).Select(i => (TransferEvent)SampleEvents.Committed(path: $"{i}.m4a"));
        var lines = Show(null, [.. many, SampleEvents.Failed("last.m4a"), SampleEvents.Finished()]).Split('\n');
        Assert.Equal(RowOutput.RowsInTable, lines.Count(line => line.EndsWith("copied, fsynced", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("last.m4a", StringComparison.Ordinal));
        Assert.Contains("… and 50 items more without failure; --json lists every one", lines);
    }

    [Fact]
    public void Rows_of_a_long_run_are_printed_before_it_ends()
    {
        var output = new TableOutput(_cli.Shell, LogLevel.Info, () => { });
        for (var i = 0; i < RowOutput.RowsInTable; i++) output.Show(SampleEvents.Committed(path: $"{i}.m4a"));
        Assert.Contains("0.m4a", _cli.Written);
    }

    [Theory]
    [InlineData(LogLevel.Info, 4)]
    [InlineData(LogLevel.Warning, 2)]
    [InlineData(LogLevel.Error, 1)]
    public void The_level_decides_which_rows_are_shown(LogLevel level, int rows)
    {
        var output = new TableOutput(_cli.Shell, level, () => { });
        TransferEvent[] events =
        [
            SampleEvents.Committed(), SampleEvents.Skipped(SkipKind.Unchanged), SampleEvents.Skipped(SkipKind.Unrouted), SampleEvents.Failed(),
            SampleEvents.Finished(),
        ];
        foreach (var transferEvent in events) output.Show(transferEvent);
        Assert.Equal(rows, _cli.Written.Split('\n').Count(line => line.StartsWith("job_1", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_plan_lists_what_would_be_done_once_and_says_that_nothing_was_changed()
    {
        var output = new PlanOutput(_cli.Shell, () => { });
        var items = new[]
        {
            SampleEvents.Item(),
            SampleEvents.Item(PlanAction.Unchanged),
            SampleEvents.Item(PlanAction.Skip, reason: "no route matches"),
            SampleEvents.Item(PlanAction.Refuse, failure: SampleEvents.Failure()),
        };
        output.Show(SampleEvents.Planned(items));
        output.Show(SampleEvents.Skipped(SkipKind.Unchanged));
        output.Show(SampleEvents.Failed());
        output.Show(new TransferEvent.Failed("/outputs/broken/manifest.json", SampleEvents.Failure()));
        output.Show(SampleEvents.Finished());
        Assert.Equal(5, _cli.Written.Split('\n')
            .Count(line => line.StartsWith("job_1", StringComparison.Ordinal) || line.Contains("/outputs/broken", StringComparison.Ordinal)));
        Assert.EndsWith("1 job, 1 to copy (1.5 KiB), 1 unchanged, 1 skipped, 2 would fail; nothing was changed\n", _cli.Written);
    }

    private string Show(int? width, params TransferEvent[] events)
    {
        var output = new TableOutput(_cli.Shell with { Width = width }, LogLevel.Info, () => { });
        foreach (var transferEvent in events) output.Show(transferEvent);
        return _cli.Written;
    }
}
