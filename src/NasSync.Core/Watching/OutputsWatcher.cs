using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>What a watcher has seen and done.</summary>
internal sealed record WatchFigures
{
    /// <summary>Job folders that are there, with a manifest or without.</summary>
    public int Jobs { get; init; }

    /// <summary>Of them, those that are watched one by one because they are still being made.</summary>
    public int Watched { get; init; }

    /// <summary>How often hints were lost.</summary>
    public long Overflows { get; init; }

    /// <summary>How often the whole folder was looked through.</summary>
    public long Scans { get; init; }

    /// <summary>True when there are no hints: every change waits for the next scan.</summary>
    public bool IsPolling { get; init; } = true;

    /// <summary>False while the outputs folder is missing or not mounted.</summary>
    public bool IsThere { get; init; }
}

/// <summary>
/// Watches an outputs folder and gives the manifests that are new or may have changed, each once until it is taken. What the system tells of
/// changes makes it fast; a scan makes it right. A job folder that was renamed into place, and a manifest that was closed after writing, come at
/// once. While the outputs folder is away, nothing comes; a job that vanishes is forgotten, and given again when it comes back.
/// It has a thread of its own: a file system that hangs holds up nobody else.
/// </summary>
internal sealed class OutputsWatcher : IAsyncDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);
    private readonly string _outputs;
    private readonly TimeProvider _time;
    private readonly ManifestQueue _queue;
    private readonly WatchNotices _notices;
    private readonly IHints _hints;
    private readonly WatchLoop _loop;
    private readonly Task _thread;

    private OutputsWatcher(string outputs, TimeSpan poll, TimeProvider time, IHints hints, Func<string, string?> kindThatChangesUntold)
    {
        (_outputs, _time, _hints) = (outputs, time, hints);
        (_queue, _notices) = (new ManifestQueue(time), new WatchNotices(time));
        _loop = new WatchLoop(outputs, poll, hints, _queue, _notices, time) { KindThatChangesUntold = kindThatChangesUntold };
        _thread = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What people should know: each notice once, or seldom. It ends with the watcher.</summary>
    public ChannelReader<Notice> Notices => _notices.Reader;

    /// <summary>What was seen and done so far.</summary>
    public WatchFigures Figures => _loop.Figures;

    /// <summary>Manifests that wait to be taken.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Manifests that come back later (<see cref="Again"/>).</summary>
    public int Later => _queue.Later;

    /// <summary>Begins to watch.</summary>
    /// <param name="outputs">The outputs folder; it need not be there yet.</param>
    /// <param name="poll">The time between two looks at the folder, and between two scans where nothing else tells of changes.</param>
    /// <param name="time">The clock; its wall clock is not read.</param>
    /// <param name="hintsFor">Where hints come from; null: this system's way. The watcher ends it.</param>
    /// <param name="kindThatChangesUntold">Says which kind of file system does not tell of changes; null: the system is asked.</param>
    public static OutputsWatcher Start(
        string outputs, TimeSpan poll, TimeProvider time, Func<string, IHints>? hintsFor = null, Func<string, string?>? kindThatChangesUntold = null)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs));
        var hints = hintsFor is not null ? hintsFor(path) : OperatingSystem.IsLinux() ? new InotifyHints(path) : (IHints)new FolderHints(path);
        return new OutputsWatcher(path, poll, time, hints, kindThatChangesUntold ?? NetworkFileSystem.KindThatChangesUntold);
    }

    /// <summary>Takes the next manifest, as soon as there is one; several may wait at once.</summary>
    /// <returns>Its full path; null when the watcher was ended.</returns>
    /// <exception cref="InvalidOperationException">The watcher broke down.</exception>
    public async ValueTask<string?> NextAsync(CancellationToken cancellationToken) =>
        await _queue.TakeAsync(cancellationToken).ConfigureAwait(false) is { } job ? ManifestOf(job) : null;

    /// <summary>Takes the next manifest, if there is one now.</summary>
    public bool TryNext([NotNullWhen(true)] out string? manifest)
    {
        manifest = _queue.TryTake(out var job) ? ManifestOf(job) : null;
        return manifest is not null;
    }

    /// <summary>Gives a manifest again after a while, or sooner when it changes; not when its job is gone by then.</summary>
    /// <param name="manifest">A path that the watcher gave.</param>
    /// <param name="after">How long; zero: as soon as the others that wait were taken.</param>
    /// <exception cref="ArgumentException">The path is not one of the watcher's.</exception>
    public void Again(string manifest, TimeSpan after)
    {
        var folder = Path.GetDirectoryName(manifest);
        if (folder is null || Path.GetFileName(manifest) != ManifestFinder.FileName || Path.GetDirectoryName(folder) != _outputs)
            throw new ArgumentException($"'{manifest}' is no manifest of a job in {_outputs}.", nameof(manifest));
        _queue.AddLater(Path.GetFileName(folder), after);
        _hints.Wake();
    }

    /// <summary>Looks through the whole folder at once.</summary>
    public void LookNow() => _loop.Ask();

    /// <summary>Ends it; a thread that hangs in a call is waited for only a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.End();
        _loop.Stop();
        try
        {
            await _thread.WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It ends when the call comes back.
        }

        _notices.End();
    }

    private string ManifestOf(string job) => Path.Combine(_outputs, job, ManifestFinder.FileName);

    private void Run()
    {
        using (_hints)
        {
            try
            {
                _loop.Run();
            }
            catch (Exception e)
            {
                // Whoever takes manifests is told; silence would look like a folder in which nothing happens.
                _queue.End(e);
            }
        }
    }
}
