using System.Diagnostics;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

public sealed class OutputsWatcherTests
{
    [Fact]
    public async Task What_is_there_at_the_start_is_given_by_name_and_once()
    {
        await using var outputs = new WatchedOutputs();
        foreach (var job in new[] { "b", "a", "B", "job.tmp", ".hidden", "lost+found" }) outputs.Write(job);
        Directory.CreateDirectory(outputs["empty"]);
        outputs.WriteFile("no-job");
        await outputs.StartAsync();

        Assert.Equal(["B", "a", "b"], [await outputs.NextAsync(), await outputs.NextAsync(), await outputs.NextAsync()]);
        await outputs.ScanAsync();
        await outputs.ScanAsync();
        Assert.Empty(outputs.Taken());
        Assert.Equal((4, true), (outputs.Watcher.Figures.Jobs, outputs.Watcher.Figures.IsThere));
    }

    [RequiresFact("linux")]
    public async Task A_folder_whose_name_is_no_text_is_said_once()
    {
        await using var outputs = new WatchedOutputs() { HoldsUnreadableNames = true };
        outputs.Write("a");
        using (var shell = Process.Start("sh", ["-c", "cp -r \"$1/a\" \"$1/$(printf 'caf\\351')\"", "sh", outputs.Path]))
            await shell.WaitForExitAsync();
        await outputs.StartAsync();
        Assert.Equal("a", await outputs.NextAsync());
        await outputs.ScanAsync();
        await outputs.ScanAsync();
        Assert.Equal((1, "NameUnreadable"), (outputs.Watcher.Notices.Count, (await outputs.NoticeAsync()).Code));
        Assert.Equal(1, outputs.Watcher.Figures.Jobs);
    }

    [RequiresFact("linux")]
    public async Task A_job_folder_that_is_renamed_into_place_is_given_at_once()
    {
        await using var outputs = await new WatchedOutputs().StartAsync();
        outputs.Drop("new");
        Assert.Equal("new", await outputs.NextAsync());

        outputs.Write("other.tmp");
        Directory.Move(outputs["other.tmp"], outputs["other"]);
        Assert.Equal("other", await outputs.NextAsync());
        Assert.Equal(TimeSpan.Zero, outputs.Time.GetElapsedTime(0));
    }

    [RequiresFact("linux")]
    public async Task A_manifest_that_is_closed_or_renamed_into_place_is_given_at_once()
    {
        await using var outputs = new WatchedOutputs();
        Directory.CreateDirectory(outputs["a"]);
        await outputs.StartAsync();

        outputs.Write("a");
        Assert.Equal("a", await outputs.NextAsync());
        outputs.WriteFile("a/manifest.json.part", "{ }");
        File.Move(outputs["a/manifest.json.part"], outputs["a/manifest.json"], overwrite: true);
        Assert.Equal("a", await outputs.NextAsync());
        Assert.Equal(TimeSpan.Zero, outputs.Time.GetElapsedTime(0));
    }

    [Fact]
    public async Task A_job_that_is_written_in_its_place_is_given_when_its_manifest_is_there()
    {
        await using var outputs = await new WatchedOutputs().StartAsync();
        outputs.WriteFile("job/audio.m4a");
        await outputs.ScanAsync();
        Assert.Empty(outputs.Taken());

        outputs.Write("job");
        Assert.Equal("job", await outputs.NextInTimeAsync());
    }

    [RequiresFact("linux")]
    public async Task A_file_that_is_written_beside_a_fresh_manifest_gives_it_again_once_it_is_quiet()
    {
        await using var outputs = await new WatchedOutputs().StartAsync();
        outputs.Drop("first");
        Assert.Equal("first", await outputs.NextAsync());
        for (var i = 0; i < 10; i++) outputs.WriteFile($"first/take-{i}.m4a");
        outputs.Drop("second");
        Assert.Equal("second", await outputs.NextAsync()); // although it came later

        Assert.Equal("first", await outputs.NextInTimeAsync());

        // The kernel's word may come to a thread that has its turn only after the clock was moved on, to the next look at the folder at most.
        Assert.InRange(outputs.Time.GetElapsedTime(0), Debounce.Quiet, WatchedOutputs.Poll + TimeSpan.FromSeconds(1));
        await outputs.ScanAsync();
        Assert.Empty(outputs.Taken());
    }

    [RequiresFact("linux")]
    public async Task The_manifest_of_an_old_job_that_is_written_anew_is_seen_within_a_minute()
    {
        await using var outputs = new WatchedOutputs();
        outputs.Write("old");
        await outputs.StartAsync();
        Assert.Equal("old", await outputs.NextAsync());
        Assert.Equal(0, outputs.Watcher.Figures.Watched);

        outputs.Write("old", "{ }");
        Assert.Equal("old", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(61));
        Assert.Equal(2, outputs.Watcher.Figures.Scans);
    }

    [RequiresFact("linux")]
    public async Task Jobs_that_have_come_to_rest_are_not_watched_any_more()
    {
        await using var outputs = await new WatchedOutputs().StartAsync();
        outputs.Drop("job");
        Directory.CreateDirectory(outputs["slow"]);
        Assert.Equal("job", await outputs.NextAsync());
        await WatchedOutputs.UntilAsync(() => outputs.Watcher.Figures.Watched == 2);

        await outputs.PassAsync(() => outputs.Watcher.Figures.Watched == 1);
        Assert.InRange(
            outputs.Time.GetElapsedTime(0), YoungJobs.RestWithManifest, YoungJobs.RestWithManifest + WatchedOutputs.Poll + WatchedOutputs.Poll);
        var until = outputs.Time.GetElapsedTime(0) + TimeSpan.FromMinutes(5);
        await outputs.PassAsync(() => outputs.Time.GetElapsedTime(0) >= until);
        Assert.Equal(1, outputs.Watcher.Figures.Watched);
        outputs.Write("slow"); // it has no manifest yet, so it is the one that is watched
        Assert.Equal("slow", await outputs.NextAsync());
    }

    [Fact]
    public async Task A_job_that_vanishes_is_forgotten_and_given_again_when_it_comes_back()
    {
        await using var outputs = new WatchedOutputs();
        foreach (var job in new[] { "a", "b" }) outputs.Write(job);
        await outputs.StartAsync();
        Assert.Equal("a", await outputs.NextAsync());
        Directory.Move(outputs["a"], Path.Combine(outputs.Aside, "a"));
        Directory.Delete(outputs["b"], recursive: true); // it waits to be taken
        await outputs.PassAsync(() => outputs.Watcher.Figures.Jobs == 0);
        Assert.Equal(0, outputs.Feed.Depth);

        Directory.Move(Path.Combine(outputs.Aside, "a"), outputs["a"]);
        Assert.Equal("a", await outputs.NextInTimeAsync());
    }

    [RequiresFact("linux")]
    public async Task A_job_that_vanishes_while_it_waits_does_not_wait_any_more()
    {
        await using var outputs = new WatchedOutputs();
        foreach (var job in new[] { "a", "b" }) outputs.Write(job);
        await outputs.StartAsync();
        Directory.Move(outputs["a"], Path.Combine(outputs.Aside, "a"));
        await WatchedOutputs.UntilAsync(() => outputs.Feed.Depth == 1); // the clock stands still
        Assert.Equal(["b"], outputs.Taken());
    }

    [Fact]
    public async Task A_job_that_gets_another_name_is_given_under_that_name()
    {
        await using var outputs = new WatchedOutputs();
        outputs.Write("a");
        await outputs.StartAsync();
        Directory.Move(outputs["a"], outputs["b"]);
        await outputs.PassAsync(() => outputs.Feed.Depth == 1 && outputs.Watcher.Figures.Jobs == 1);
        await outputs.ScanAsync();
        Assert.Equal(["b"], outputs.Taken());
    }

    [RequiresFact("linux")]
    public async Task Of_two_names_for_one_folder_both_are_told_of()
    {
        await using var outputs = await new WatchedOutputs().StartAsync();
        Directory.CreateDirectory(outputs["a"]);
        Directory.CreateSymbolicLink(outputs["link"], outputs["a"]);
        outputs.Write("a");
        var given = new HashSet<string> { await outputs.NextInTimeAsync(), await outputs.NextInTimeAsync() };
        Assert.Equal(["a", "link"], given.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_manifest_that_may_not_be_read_is_given_so_that_reading_tells()
    {
        await using var outputs = new WatchedOutputs();
        Directory.CreateDirectory(outputs["dead"]);
        File.CreateSymbolicLink(outputs["dead/manifest.json"], outputs["nowhere"]);
        Directory.CreateDirectory(outputs["folder/manifest.json"]);
        await outputs.StartAsync();
        Assert.Equal(["dead"], outputs.Taken());

        outputs.Write("real");
        File.Delete(outputs["dead/manifest.json"]);
        File.CreateSymbolicLink(outputs["dead/manifest.json"], outputs["real/manifest.json"]);
        Assert.Equal(["dead", "real"], new[] { await outputs.NextInTimeAsync(), await outputs.NextInTimeAsync() }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Logic_never_reads_the_wall_clock_and_a_manifest_may_have_any_time()
    {
        await using var outputs = new WatchedOutputs();
        outputs.Write("a");
        await outputs.StartAsync(time: new WithoutWallClock(outputs.Time));
        Assert.Equal("a", await outputs.NextAsync());

        foreach (var time in new[]
        {
            DateTime.UnixEpoch, new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        })
        {
            File.SetLastWriteTimeUtc(outputs["a/manifest.json"], time);
            Assert.Equal("a", await outputs.NextInTimeAsync());
        }
    }

    [Fact]
    public async Task The_feed_has_all_once_the_folder_was_looked_through()
    {
        await using var outputs = new WatchedOutputs();
        outputs.Write("a");
        await outputs.StartAsync(time: outputs.Time);
        Assert.False(outputs.Feed.IsCaughtUp);
        Assert.Equal("a", await outputs.NextAsync());
        Assert.True(outputs.Feed.IsCaughtUp); // however soon it was taken

        await using var missing = await new WatchedOutputs(make: false).StartAsync();
        Assert.False(missing.Feed.IsCaughtUp);
        Directory.CreateDirectory(missing.Path);
        await missing.PassAsync(() => missing.Feed.IsCaughtUp);
    }

    [Fact]
    public async Task The_end_ends_the_feed_and_the_notices_and_no_timer_stays()
    {
        var outputs = await new WatchedOutputs().StartAsync();
        var next = outputs.Feed.NextAsync(null, default).AsTask();
        await outputs.Watcher.DisposeAsync();
        Assert.Null(await next);
        Assert.True(outputs.Watcher.Ended.IsCompletedSuccessfully);
        await outputs.Watcher.Notices.Completion;
        await outputs.DisposeAsync();
        await WatchedOutputs.UntilAsync(() => outputs.Time.Waiting == 0);
    }

    [Fact]
    public async Task A_watcher_that_breaks_down_ends_the_feed_and_says_why()
    {
        await using var outputs = new WatchedOutputs();
        var feed = new ManifestFeed(outputs.Time);
        await using var watcher = OutputsWatcher.Start(
            outputs.Path, WatchedOutputs.Poll, outputs.Time, feed, kindThatChangesUntold: _ => throw new NotSupportedException("broken"));
        Assert.Null(await feed.NextAsync(null, default));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => watcher.Ended);
        Assert.Equal("broken", error.InnerException!.Message);
    }

    [RequiresFact("linux")]
    public async Task What_is_written_between_the_scan_and_the_watch_is_seen_all_the_same()
    {
        await using var outputs = new WatchedOutputs();
        Directory.CreateDirectory(outputs["job"]);
        await outputs.StartAsync(path => new LateHints(new InotifyHints(path), outputs.Write));
        Assert.Equal("job", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0), TimeSpan.Zero, WatchedOutputs.Poll);
    }

    /// <summary>Real hints before which something happens that they do not tell of.</summary>
    private sealed class LateHints(IHints inner, Action<string, string> before) : IHints
    {
        public int Jobs => inner.Jobs;

        public Notice? Arm() => inner.Arm();

        public void Disarm() => inner.Disarm();

        public WatchOutcome Watch(string job, out Notice? because)
        {
            before(job, "{}");
            return inner.Watch(job, out because);
        }

        public void Unwatch(string job) => inner.Unwatch(job);

        public void WaitForAny() => inner.WaitForAny();

        public void Wake() => inner.Wake();

        public void Read(List<Hint> into) => inner.Read(into);

        public void Dispose() => inner.Dispose();
    }

    private sealed class WithoutWallClock(TimeProvider time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("the wall clock was read");

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }
}
