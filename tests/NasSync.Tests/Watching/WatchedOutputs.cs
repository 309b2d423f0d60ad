using System.Diagnostics;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>An outputs folder that is watched, with real hints and a clock that stands still until a test moves it.</summary>
internal sealed class WatchedOutputs : IAsyncDisposable
{
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5); // of a test that would never end

    private readonly TempFolder _temp = new();
    private OutputsWatcher? _watcher;

    public WatchedOutputs(bool make = true)
    {
        Path = _temp["outputs"];
        Aside = _temp.MakeFolder("aside");
        if (make) Directory.CreateDirectory(Path);
    }

    /// <inheritdoc cref="TempFolder.HoldsUnreadableNames"/>
    public bool HoldsUnreadableNames
    {
        set => _temp.HoldsUnreadableNames = value;
    }

    /// <summary>The outputs folder.</summary>
    public string Path { get; }

    /// <summary>A folder of the same file system beside it.</summary>
    public string Aside { get; }

    public ManualTime Time { get; } = new();

    public OutputsWatcher Watcher => _watcher!;

    /// <summary>Where the watcher puts what it finds.</summary>
    public ManifestFeed Feed { get; private set; } = null!;

    /// <summary>The full path of something in the outputs folder.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Begins to watch, and waits until what is there was looked at.</summary>
    public async Task<WatchedOutputs> StartAsync(Func<string, IHints>? hintsFor = null, string? fileSystem = null, TimeProvider? time = null)
    {
        Feed = new ManifestFeed(time ?? Time);
        _watcher = OutputsWatcher.Start(Path, Poll, time ?? Time, Feed, hintsFor, _ => fileSystem);
        await UntilAsync(() => Watcher.Figures.Scans > 0 || Watcher.Notices.Count > 0);
        return this;
    }

    /// <summary>Writes a job folder's manifest in its place.</summary>
    public void Write(string job, string content = "{}") => _temp.Write($"outputs/{job}/manifest.json", content);

    /// <summary>Writes any file below the outputs folder.</summary>
    public void WriteFile(string relative, string content = "content") => _temp.Write("outputs/" + relative, content);

    /// <summary>Makes a job folder aside and renames it into place, as careful producers do.</summary>
    public void Drop(string job, string content = "{}")
    {
        _temp.Write($"aside/{job}/manifest.json", content);
        Directory.Move(System.IO.Path.Combine(Aside, job), this[job]);
    }

    /// <summary>The job whose manifest comes next, while the clock stands still.</summary>
    public async Task<string> NextAsync() => JobOf(Done(await Feed.NextAsync(null, default).AsTask().WaitAsync(Patience)));

    /// <summary>The same while time passes.</summary>
    public async Task<string> NextInTimeAsync()
    {
        // Taken by who moves the clock: a task that waits for it would hear of it late, and the clock would have gone on.
        string? next = null;
        await PassAsync(() => (next = TryNext()) is not null);
        return JobOf(next);
    }

    /// <summary>Everything that waits to be taken.</summary>
    public List<string> Taken()
    {
        var taken = new List<string>();
        while (TryNext() is { } manifest) taken.Add(JobOf(manifest));
        return taken;
    }

    /// <summary>The next manifest, if one waits.</summary>
    public string? TryNext()
    {
        var next = Feed.NextAsync(TimeSpan.Zero, default).AsTask();
        Assert.True(next.IsCompleted);
        return Done(next.GetAwaiter().GetResult());
    }

    /// <summary>What is said next, while time passes.</summary>
    public async Task<Notice> NoticeAsync()
    {
        await PassAsync(() => Watcher.Notices.Count > 0);
        Assert.True(Watcher.Notices.TryRead(out var notice));
        return notice;
    }

    /// <summary>Lets time pass until the folder was looked through once more, and all that came of it is done.</summary>
    public async Task ScanAsync()
    {
        var before = Watcher.Figures.Scans;
        await PassAsync(() => Watcher.Figures.Scans > before);
        await RestAsync();
    }

    /// <summary>Waits until the watcher waits for its time or for a hint.</summary>
    public Task RestAsync() => UntilAsync(() => Time.Waiting > 0);

    /// <summary>Moves the clock on, a tenth of a second whenever the watcher waits for its time, until something is so.</summary>
    public async Task PassAsync(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < Patience, "it never came");
            if (Time.Waiting > 0) Time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }
    }

    /// <summary>Waits while the clock stands still.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < Patience, "it never came");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null) await _watcher.DisposeAsync();
        _temp.Dispose();
    }

    // As a run does that has nothing to do with it.
    private string? Done(string? manifest)
    {
        if (manifest is not null) Feed.Done(manifest, null);
        return manifest;
    }

    private string JobOf(string? manifest)
    {
        var job = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(manifest))!;
        Assert.Equal(this[$"{job}/manifest.json"], manifest);
        return job;
    }
}
