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
/// Watches an outputs folder and puts the manifests that are new or may have changed into a feed. What the system tells of changes makes it fast; a
/// scan makes it right. A job folder that was renamed into place, and a manifest that was closed after writing, come at once. While the outputs
/// folder is away, nothing comes; a job that vanishes is forgotten, and given again when it comes back.
/// It has a thread of its own: a file system that hangs holds up nobody else.
/// </summary>
internal sealed class OutputsWatcher : IAsyncDisposable
{
    /// <summary>The name of its thread, as debuggers and <c>/proc</c> show it.</summary>
    public const string ThreadName = "nassync-watch";

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);
    private readonly TimeProvider _time;
    private readonly ManifestFeed _feed;
    private readonly WatchNotices _notices;
    private readonly IHints _hints;
    private readonly WatchLoop _loop;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    private OutputsWatcher(
        string outputs,
        TimeSpan poll,
        TimeProvider time,
        ManifestFeed feed,
        IHints hints,
        Func<string, string?> kindThatChangesUntold)
    {
        (_time, _feed, _hints, _notices) = (time, feed, hints, new WatchNotices(time));
        _loop = new WatchLoop(outputs, poll, hints, feed, _notices, time) { KindThatChangesUntold = kindThatChangesUntold };
        _thread = new Thread(Run) { Name = ThreadName, IsBackground = true };
        _thread.Start();
    }

    /// <summary>What people should know: each notice once, or seldom. It ends with the watcher.</summary>
    public ChannelReader<Notice> Notices => _notices.Reader;

    /// <summary>What was seen and done so far.</summary>
    public WatchFigures Figures => _loop.Figures;

    /// <summary>Done when it has ended; it fails when the watcher broke down. The feed ends with it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to watch.</summary>
    /// <param name="outputs">The outputs folder; it need not be there yet.</param>
    /// <param name="poll">The time between two looks at the folder, and between two scans where nothing else tells of changes.</param>
    /// <param name="time">The clock; its wall clock is not read.</param>
    /// <param name="feed">Takes the manifests' full paths.</param>
    /// <param name="hintsFor">Where hints come from; null: this system's way. The watcher ends it.</param>
    /// <param name="kindThatChangesUntold">Says which kind of file system does not tell of changes; null: the system is asked.</param>
    public static OutputsWatcher Start(
        string outputs,
        TimeSpan poll,
        TimeProvider time,
        ManifestFeed feed,
        Func<string, IHints>? hintsFor = null,
        Func<string, string?>? kindThatChangesUntold = null)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs));
        var hints = hintsFor is not null ? hintsFor(path) : OperatingSystem.IsLinux() ? new InotifyHints(path) : (IHints)new FolderHints(path);
        return new OutputsWatcher(path, poll, time, feed, hints, kindThatChangesUntold ?? NetworkFileSystem.KindThatChangesUntold);
    }

    /// <summary>Ends it; a thread that hangs in a call is waited for only a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        _loop.Stop();
        try
        {
            await _ended.Task.WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It ends when the call comes back.
        }
        catch (InvalidOperationException)
        {
            // Ended tells of it.
        }

        _notices.End();
    }

    private void Run()
    {
        Exception? broken = null;
        try
        {
            using (_hints) _loop.Run();
        }
        catch (Exception e)
        {
            broken = e;
        }

        // Whoever takes manifests must not wait on; silence would look like a folder in which nothing happens.
        _feed.End();
        if (broken is null) _ended.SetResult();
        else _ended.SetException(new InvalidOperationException("The outputs folder is not watched any more.", broken));
    }
}
