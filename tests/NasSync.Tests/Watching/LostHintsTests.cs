using System.Globalization;
using NasSync.Files;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>Where hints fail, nothing is missed: it is only found later, and people are told why.</summary>
public sealed class LostHintsTests
{
    private const string MostEvents = "/proc/sys/fs/inotify/max_queued_events";

    [RequiresFact("linux", MostEvents)]
    public async Task After_an_overflow_of_the_queue_the_whole_folder_is_looked_through_at_once()
    {
        HeldHints? hints = null;
        await using var outputs = await new WatchedOutputs().StartAsync(path => hints = new HeldHints(new InotifyHints(path)));
        outputs.Drop("young");
        Assert.Equal("young", await outputs.NextAsync());

        hints!.Hold();
        Overflow(outputs);
        outputs.Drop("late");
        outputs.WriteFile("young/another.m4a");
        hints.Release();
        Assert.Equal("late", await outputs.NextAsync()); // the clock stands still
        Assert.Equal("young", await outputs.NextInTimeAsync()); // of its file no hint is left

        Assert.Equal(1, outputs.Watcher.Figures.Overflows);
        var notice = await outputs.NoticeAsync();
        Assert.Equal("WatchOverflow", notice.Code);
        Assert.Contains(outputs.Path, notice.Message, StringComparison.Ordinal);
        Assert.Matches(@"sysctl fs\.inotify\.max_queued_events=\d+$", notice.Hint);
    }

    [RequiresFact("linux", MostEvents)]
    public async Task Ten_thousand_jobs_that_overflow_the_queue_are_all_given_once()
    {
        const int jobs = 10_000;
        HeldHints? hints = null;
        await using var outputs = await new WatchedOutputs().StartAsync(path => hints = new HeldHints(new InotifyHints(path)));
        hints!.Hold();
        Overflow(outputs);
        for (var i = 0; i < jobs; i++) outputs.Drop(Name(i));
        hints.Release();
        await outputs.ScanAsync();
        await outputs.ScanAsync();

        Assert.InRange(outputs.Watcher.Figures.Overflows, 1, long.MaxValue);
        Assert.Equal(Enumerable.Range(0, jobs).Select(Name), outputs.Taken());

        static string Name(int number) => $"job_{number.ToString("d5", CultureInfo.InvariantCulture)}";
    }

    [RequiresFact("linux")]
    public async Task A_folder_that_may_not_be_watched_for_lack_of_watches_is_polled_and_the_cure_is_told()
    {
        await using var outputs = await new WatchedOutputs().StartAsync(path => new InotifyHints(path) { Refuse = _ => Libc.ENOSPC });
        var notice = await outputs.NoticeAsync();
        Assert.Equal(WatchLimits.ReachedCode, notice.Code);
        Assert.Contains("fs.inotify.max_user_watches is ", notice.Message, StringComparison.Ordinal);
        Assert.Matches(@"sysctl fs\.inotify\.max_user_watches=\d{6,} ", notice.Hint);
        Assert.True(outputs.Watcher.Figures.IsPolling);

        await StaysCorrectAsync(outputs);
        Assert.Equal(0, outputs.Watcher.Notices.Count); // said once
    }

    [RequiresFact("linux")]
    public async Task A_job_that_may_not_be_watched_is_polled()
    {
        await using var outputs = new WatchedOutputs();
        await outputs.StartAsync(path => new InotifyHints(path) { Refuse = watched => watched == outputs.Path ? 0 : Libc.ENOSPC });
        Directory.CreateDirectory(outputs["slow"]);
        Assert.Equal(WatchLimits.ReachedCode, (await outputs.NoticeAsync()).Code);
        Assert.False(outputs.Watcher.Figures.IsPolling);

        await StaysCorrectAsync(outputs);
    }

    [RequiresFact("linux")]
    public async Task Only_so_many_jobs_are_watched_and_the_others_are_polled_until_there_is_room()
    {
        await using var outputs = await new WatchedOutputs().StartAsync(path => new InotifyHints(path, mostJobs: 2));
        foreach (var job in new[] { "a", "b", "c" }) Directory.CreateDirectory(outputs[job]);
        await outputs.ScanAsync();
        Assert.Equal((3, 2), (outputs.Watcher.Figures.Jobs, outputs.Watcher.Figures.Watched));

        var began = outputs.Time.GetElapsedTime(0);
        foreach (var job in new[] { "a", "b", "c" }) outputs.Write(job);
        Assert.Equal(["a", "b"], new[] { await outputs.NextAsync(), await outputs.NextAsync() }.Order(StringComparer.Ordinal));
        Assert.Equal("c", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0) - began, TimeSpan.Zero, WatchedOutputs.Poll + WatchedOutputs.Poll);
        Assert.Equal(0, outputs.Watcher.Notices.Count);

        await outputs.PassAsync(() => outputs.Watcher.Figures.Watched == 0);
        outputs.Drop("d");
        Assert.Equal("d", await outputs.NextAsync());
        await WatchedOutputs.UntilAsync(() => outputs.Watcher.Figures.Watched == 1);
    }

    [RequiresFact("linux")]
    public async Task When_the_limit_is_raised_hints_are_used_again()
    {
        var errno = Libc.ENOSPC;
        await using var outputs = await new WatchedOutputs().StartAsync(path => new InotifyHints(path) { Refuse = _ => errno });
        await outputs.ScanAsync();
        errno = 0;
        await outputs.PassAsync(() => !outputs.Watcher.Figures.IsPolling);
        outputs.Drop("new");
        Assert.Equal("new", await outputs.NextAsync());
    }

    [Theory]
    [InlineData(Libc.ENOSPC, false, "WatchLimitReached", "sysctl fs.inotify.max_user_watches=")]
    [InlineData(Libc.EMFILE, true, "WatchLimitReached", "sysctl fs.inotify.max_user_instances=")]
    [InlineData(Libc.ENFILE, true, "WatchRefused", "LimitNOFILE=")]
    [InlineData(Libc.EACCES, false, "WatchRefused", "pollInterval")]
    public void Every_refusal_has_its_cure(int errno, bool isQueue, string code, string hint)
    {
        var notice = WatchLimits.Refused("/data/outputs", errno, isQueue);
        Assert.Equal(code, notice.Code);
        Assert.Contains("/data/outputs", notice.Message, StringComparison.Ordinal);
        Assert.Contains(hint, notice.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_file_system_is_polled()
    {
        await using var outputs = await new WatchedOutputs().StartAsync(fileSystem: "nfs4");
        var notice = await outputs.NoticeAsync();
        Assert.Equal("WatchPolling", notice.Code);
        Assert.Contains("nfs4", notice.Message, StringComparison.Ordinal);
        Assert.Equal((true, 0), (outputs.Watcher.Figures.IsPolling, outputs.Watcher.Figures.Watched));

        await StaysCorrectAsync(outputs);
        Assert.Equal(0, outputs.Watcher.Figures.Watched);
    }

    [RequiresFact("mount", "sshfs", "/dev/fuse", "/usr/lib/openssh/sftp-server")]
    public async Task A_folder_on_another_machine_by_sshfs_is_polled_and_nothing_is_given_twice()
    {
        using var mounted = Mounted.Sshfs();
        Write("before");
        var time = new ManualTime();
        var feed = new ManifestFeed(time);
        await using var watcher = OutputsWatcher.Start(mounted.Path, WatchedOutputs.Poll, time, feed);
        Assert.Equal(Manifest("before"), await feed.NextAsync(null, default));
        feed.Done(Manifest("before"), null);
        Assert.True(watcher.Notices.TryRead(out var notice));
        Assert.Equal("WatchPolling", notice.Code);
        Assert.Contains("fuse.sshfs", notice.Message, StringComparison.Ordinal);
        var scans = watcher.Figures.Scans;
        await time.RunUntilAsync(WatchedOutputs.UntilAsync(() => watcher.Figures.Scans >= scans + 3));
        Assert.Equal(0, feed.Depth);

        Write("later");
        var next = feed.NextAsync(null, default).AsTask();
        await time.RunUntilAsync(next);
        Assert.Equal(Manifest("later"), await next);

        string Manifest(string job) => Path.Combine(mounted.Path, job, "manifest.json");

        void Write(string job)
        {
            Directory.CreateDirectory(Path.Combine(mounted.Path, job));
            File.WriteAllText(Manifest(job), "{}");
        }
    }

    [RequiresFact("linux")]
    public async Task The_hints_of_other_systems_do_the_same()
    {
        await using var outputs = await new WatchedOutputs().StartAsync(path => new FolderHints(path));
        Assert.False(outputs.Watcher.Figures.IsPolling);
        outputs.Write("job.tmp");
        Directory.Move(outputs["job.tmp"], outputs["job"]);
        await UntilGivenAsync("job");

        outputs.WriteFile("slow/a.m4a");
        outputs.Write("slow");
        await UntilGivenAsync("slow");

        // The system begins to watch a new folder a while after it was made, and does not tell of what was written in it before.
        TimeSpan? written = null;
        await outputs.PassAsync(() =>
        {
            var now = outputs.Time.GetElapsedTime(0);
            if (written is not { } at || now - at > WatchedOutputs.Poll * 6)
            {
                outputs.WriteFile("slow/b.m4a", $"content {now}");
                written = now;
            }

            return outputs.Taken().Contains("slow");
        });
        Directory.Delete(outputs["slow"], recursive: true);
        await outputs.PassAsync(() => outputs.Watcher.Figures.Jobs == 1);
        Assert.DoesNotContain("slow", outputs.Taken());

        // The system may tell of one change twice, and of a renamed folder's files too.
        async Task UntilGivenAsync(string job)
        {
            string given;
            do given = await outputs.NextInTimeAsync();
            while (given != job);
        }
    }

    // New, changed and vanished jobs are found within two intervals: one may have begun before.
    private static async Task StaysCorrectAsync(WatchedOutputs outputs)
    {
        var began = outputs.Time.GetElapsedTime(0);
        outputs.Drop("new");
        Assert.Equal("new", await outputs.NextInTimeAsync());
        outputs.Write("new", "{ }");
        Assert.Equal("new", await outputs.NextInTimeAsync());
        Assert.InRange(outputs.Time.GetElapsedTime(0) - began, TimeSpan.Zero, WatchedOutputs.Poll * 4);
        var known = outputs.Watcher.Figures.Jobs;
        Directory.Delete(outputs["new"], recursive: true);
        await outputs.PassAsync(() => outputs.Watcher.Figures.Jobs == known - 1);
        Assert.Empty(outputs.Taken());
    }

    // More events than the kernel keeps, of names that nobody looks at; two events in a row that are the same would count as one.
    private static void Overflow(WatchedOutputs outputs)
    {
        var most = int.Parse(File.ReadAllText(MostEvents), CultureInfo.InvariantCulture);
        var (a, b) = (outputs[".a"], outputs[".b"]);
        File.WriteAllText(a, "");
        for (var i = 0; i <= most; i += 2)
        {
            File.Move(a, b);
            (a, b) = (b, a);
        }
    }
}
