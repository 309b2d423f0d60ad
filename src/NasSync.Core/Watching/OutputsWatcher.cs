using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>The state and statistics of a watcher.</summary>
internal sealed record WatchFigures
{
    /// <summary>Existing job folders, with or without a manifest.</summary>
    public int Jobs { get; init; }

    /// <summary>Those with a watch of their own, because they are still being written.</summary>
    public int Watched { get; init; }

    /// <summary>How often events were lost.</summary>
    public long Overflows { get; init; }

    /// <summary>How often the whole folder was scanned.</summary>
    public long Scans { get; init; }

    /// <summary>True when there are no hints, so that changes are found only by the next scan.</summary>
    public bool IsPolling { get; init; } = true;

    /// <summary>False while the outputs folder is missing or not mounted.</summary>
    public bool IsThere { get; init; }
}

/// <summary>
/// Watches an outputs folder and puts new and possibly changed manifests into a feed. Hints make it fast, scans make it reliable. A job folder that
/// was renamed into place, or a manifest that was closed after writing, is offered immediately. While the outputs folder is missing, nothing is
/// offered; a job that vanishes is forgotten, and offered again when it returns. The watcher has a thread of its own, so that a hanging file system
/// blocks nothing else.
/// </summary>
internal sealed class OutputsWatcher : IAsyncDisposable
{
    /// <summary>The thread's name, for debuggers and <c>/proc</c>.</summary>
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
        Func<string, string?> kindThatChangesUntold,
        ILogger log)
    {
        (_time, _feed, _hints, _notices) = (time, feed, hints, new WatchNotices(time));
        _loop = new WatchLoop(outputs, poll, hints, feed, _notices, time) { KindThatChangesUntold = kindThatChangesUntold, Log = log };
        _thread = new Thread(Run) { Name = ThreadName, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Notices for people, each only once or rarely. Completes with the watcher.</summary>
    public ChannelReader<Notice> Notices => _notices.Reader;

    /// <summary>The state and statistics so far.</summary>
    public WatchFigures Figures => _loop.Figures;

    /// <summary>Completes when the watcher has ended; faults when it broke down. The feed ends with it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts watching.</summary>
    /// <param name="outputs">The outputs folder; it need not exist yet.</param>
    /// <param name="poll">The interval between two checks of the folder, and between two scans where there are no hints.</param>
    /// <param name="time">The clock; its wall clock is not read.</param>
    /// <param name="feed">Receives the manifests' full paths.</param>
    /// <param name="hintsFor">Creates the source of hints; null uses the platform's. The watcher disposes it.</param>
    /// <param name="kindThatChangesUntold">Returns the kind of a file system that does not report all changes; null asks the system.</param>
    /// <param name="log">Receives diagnostic messages; null: nowhere.</param>
    public static OutputsWatcher Start(
        string outputs,
        TimeSpan poll,
        TimeProvider time,
        ManifestFeed feed,
        Func<string, IHints>? hintsFor = null,
        Func<string, string?>? kindThatChangesUntold = null,
        ILogger? log = null)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputs));
        var hints = hintsFor is not null ? hintsFor(path) : OperatingSystem.IsLinux() ? new InotifyHints(path) : (IHints)new FolderHints(path);
        return new OutputsWatcher(
            path,
            poll,
            time,
            feed,
            hints,
            kindThatChangesUntold ?? NetworkFileSystem.KindThatChangesUntold,
            log ?? NullLogger.Instance);
    }

    /// <summary>Stops the watcher; waits only a few seconds for a thread that hangs in a call.</summary>
    public async ValueTask DisposeAsync()
    {
        _loop.Stop();
        try
        {
            await _ended.Task.WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The thread ends when its call returns.
        }
        catch (InvalidOperationException)
        {
            // The task Ended reports this failure.
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

        // The consumer must not wait any longer; silence would look like a folder without changes.
        _feed.End();
        if (broken is null) _ended.SetResult();
        else _ended.SetException(new InvalidOperationException("The outputs folder is not watched any more.", broken));
    }
}
