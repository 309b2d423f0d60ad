using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>An outputs folder that goes away and comes back.</summary>
public sealed class AwayTests
{
    [Fact]
    public async Task A_folder_that_is_missing_at_the_start_is_waited_for_and_that_is_said_once()
    {
        await using var outputs = await new WatchedOutputs(make: false).StartAsync();
        var notice = await outputs.NoticeAsync();
        Assert.Equal(OutputsFolder.AwayCode, notice.Code);
        Assert.Contains(outputs.Path, notice.Message, StringComparison.Ordinal);
        await PassAsync(outputs, TimeSpan.FromMinutes(5));
        Assert.Equal((0, false, 0L), (outputs.Watcher.Notices.Count, outputs.Watcher.Figures.IsThere, outputs.Watcher.Figures.Scans));

        outputs.Write("job");
        var began = outputs.Time.GetElapsedTime(0);
        Assert.Equal("job", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0) - began, TimeSpan.Zero, WatchedOutputs.Poll + WatchedOutputs.Poll);
        Assert.Equal("SourceAvailable", (await outputs.NoticeAsync()).Code);
    }

    [Fact]
    public async Task A_folder_that_is_deleted_and_made_again_is_watched_again()
    {
        await using var outputs = new WatchedOutputs();
        outputs.Write("old");
        await outputs.StartAsync();
        Assert.Equal("old", await outputs.NextAsync());

        Directory.Delete(outputs.Path, recursive: true);
        Directory.CreateDirectory(outputs.Path);
        outputs.Write("old");
        var began = outputs.Time.GetElapsedTime(0);
        Assert.Equal("old", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0) - began, TimeSpan.Zero, WatchedOutputs.Poll + WatchedOutputs.Poll);

        outputs.Drop("new"); // hints come again
        Assert.Equal("new", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0) - began, TimeSpan.Zero, WatchedOutputs.Poll + WatchedOutputs.Poll);
    }

    [RequiresFact("linux")]
    public async Task A_folder_that_is_replaced_by_another_is_seen_without_a_hint()
    {
        await using var outputs = await new WatchedOutputs().StartAsync(path => new DeafHints(new InotifyHints(path)));
        Directory.CreateDirectory(Path.Combine(outputs.Aside, "other"));
        Directory.Move(outputs.Path, Path.Combine(outputs.Aside, "gone"));
        Directory.Move(Path.Combine(outputs.Aside, "other"), outputs.Path);
        outputs.Write("job");
        Assert.Equal("job", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0), TimeSpan.Zero, WatchedOutputs.Poll + WatchedOutputs.Poll);
    }

    [Fact]
    public async Task While_the_folder_is_away_nothing_new_is_given_and_nothing_forgotten()
    {
        await using var outputs = new WatchedOutputs();
        foreach (var job in new[] { "a", "b", "c" }) outputs.Write(job);
        await outputs.StartAsync();
        Assert.Equal("a", await outputs.NextAsync());
        Directory.Move(outputs.Path, Path.Combine(outputs.Aside, "moved"));
        Assert.Equal(OutputsFolder.AwayCode, (await outputs.NoticeAsync()).Code);
        await PassAsync(outputs, TimeSpan.FromMinutes(5));
        Assert.Equal((2, 3, false), (outputs.Feed.Depth, outputs.Watcher.Figures.Jobs, outputs.Watcher.Figures.IsThere));

        Directory.Move(Path.Combine(outputs.Aside, "moved"), outputs.Path);
        Assert.Equal("SourceAvailable", (await outputs.NoticeAsync()).Code);
        Assert.Equal(["b", "c"], outputs.Taken()); // what waited before, and no more
        await outputs.ScanAsync();
        Assert.Empty(outputs.Taken());
    }

    [RequiresFact("linux")]
    public async Task A_job_that_was_being_made_is_watched_again_when_the_folder_is_back()
    {
        await using var outputs = new WatchedOutputs();
        Directory.CreateDirectory(outputs["slow"]);
        await outputs.StartAsync();
        Directory.Move(outputs.Path, Path.Combine(outputs.Aside, "moved"));
        Assert.Equal(OutputsFolder.AwayCode, (await outputs.NoticeAsync()).Code);
        Directory.Move(Path.Combine(outputs.Aside, "moved"), outputs.Path);
        Assert.Equal("SourceAvailable", (await outputs.NoticeAsync()).Code);
        await outputs.RestAsync();
        outputs.Write("slow");
        Assert.Equal("slow", await outputs.NextAsync()); // the clock stands still
    }

    [RequiresFact("mount")]
    public async Task A_file_system_that_is_unmounted_and_mounted_again_costs_nothing_but_the_wait()
    {
        await using var outputs = new WatchedOutputs();
        using var disk = Mounted.Tmpfs("1m");
        Directory.CreateDirectory(Path.Combine(disk.Path, "a"));
        File.WriteAllText(Path.Combine(disk.Path, "a/manifest.json"), "{}");
        var mount = Mounted.Bind(disk.Path, outputs.Path);
        await outputs.StartAsync();
        Assert.Equal("a", await outputs.NextAsync());

        mount.Dispose(); // what is below it is an empty folder on another disk
        var notice = await outputs.NoticeAsync();
        Assert.Equal(OutputsFolder.AwayCode, notice.Code);
        Assert.Contains("another file system", notice.Message, StringComparison.Ordinal);
        await PassAsync(outputs, TimeSpan.FromMinutes(2));
        Assert.Equal(1, outputs.Watcher.Figures.Jobs);

        using var again = Mounted.Bind(disk.Path, outputs.Path);
        Assert.Equal("SourceAvailable", (await outputs.NoticeAsync()).Code);
        outputs.Write("b");
        Assert.Equal("b", await outputs.NextInTimeAsync());
        await outputs.ScanAsync();
        Assert.DoesNotContain("a", outputs.Taken()); // it is as it was
    }

    [RequiresFact("mount")]
    public async Task A_watched_file_system_can_be_unmounted()
    {
        await using var outputs = new WatchedOutputs();
        using var disk = Mounted.Tmpfs("1m", outputs.Path);
        outputs.Write("a");
        await outputs.StartAsync();
        Assert.Equal("a", await outputs.NextAsync());
        await outputs.RestAsync();

        using var umount = System.Diagnostics.Process.Start("umount", outputs.Path);
        await umount.WaitForExitAsync();
        Assert.Equal(0, umount.ExitCode);
        disk.IsGone();
        Assert.Equal(OutputsFolder.AwayCode, (await outputs.NoticeAsync()).Code);
    }

    private static Task PassAsync(WatchedOutputs outputs, TimeSpan by)
    {
        var until = outputs.Time.GetElapsedTime(0) + by;
        return outputs.PassAsync(() => outputs.Time.GetElapsedTime(0) >= until);
    }

    private sealed class DeafHints(IHints inner) : IHints
    {
        public int Jobs => inner.Jobs;

        public Notice? Arm() => inner.Arm();

        public void Disarm() => inner.Disarm();

        public WatchOutcome Watch(string job, out Notice? because) => inner.Watch(job, out because);

        public void Unwatch(string job) => inner.Unwatch(job);

        public void WaitForAny() => inner.WaitForAny();

        public void Wake() => inner.Wake();

        public void Read(List<Hint> into)
        {
            inner.Read(into);
            into.Clear();
        }

        public void Dispose() => inner.Dispose();
    }
}
