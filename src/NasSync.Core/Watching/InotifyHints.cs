using NasSync.Files;

namespace NasSync.Watching;

/// <summary>Hints from inotify: one queue, with a watch on the outputs folder and one on each requested job folder.</summary>
/// <param name="outputs">The outputs folder, as a full path.</param>
/// <param name="mostJobs">The maximum number of watched job folders: watches are limited per user, and other programs need some too.</param>
internal sealed class InotifyHints(string outputs, int mostJobs = InotifyHints.MostJobs) : IHints
{
    /// <summary>The default maximum of watched job folders; some kernels limit all programs of a user to 8192 watches.</summary>
    public const int MostJobs = 1024;

    private const uint OutputsMask =
        Libc.IN_CREATE | Libc.IN_MOVED_TO | Libc.IN_MOVED_FROM | Libc.IN_DELETE | Libc.IN_DELETE_SELF | Libc.IN_MOVE_SELF | Libc.IN_ONLYDIR;

    // IN_MASK_CREATE: otherwise two names of one folder would share a watch, and one of them would get no hints.
    private const uint JobMask = Libc.IN_CREATE | Libc.IN_CLOSE_WRITE | Libc.IN_MOVED_TO | Libc.IN_MOVED_FROM | Libc.IN_DELETE
        | Libc.IN_ONLYDIR | Libc.IN_EXCL_UNLINK | Libc.IN_MASK_CREATE;

    private const uint OutputsGone = Libc.IN_DELETE_SELF | Libc.IN_MOVE_SELF | Libc.IN_UNMOUNT | Libc.IN_IGNORED;
    private readonly Inotify _inotify = new();
    private readonly Dictionary<string, int> _watches = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _jobs = [];
    private readonly List<InotifyEvent> _events = [];
    private int _outputsWatch = -1;

    /// <summary>Lets tests simulate an errno for a full path; 0 or null asks the system.</summary>
    public Func<string, int>? Refuse { get; init; }

    /// <inheritdoc/>
    public int Jobs => _watches.Count;

    /// <inheritdoc/>
    public Notice? Arm()
    {
        Disarm();
        var errno = _inotify.Open();
        if (errno != 0) return WatchLimits.Refused(outputs, errno, isQueue: true);
        _outputsWatch = Watch(outputs, OutputsMask, out errno);
        return _outputsWatch < 0 ? WatchLimits.Refused(outputs, errno, isQueue: false) : null;
    }

    /// <inheritdoc/>
    public void Disarm()
    {
        _inotify.Close();
        _watches.Clear();
        _jobs.Clear();
        _outputsWatch = -1;
    }

    /// <inheritdoc/>
    public WatchOutcome Watch(string job, out Notice? because)
    {
        because = null;
        if (_watches.ContainsKey(job)) return WatchOutcome.Watched;
        if (_outputsWatch < 0 || _watches.Count >= mostJobs) return WatchOutcome.Refused;
        var path = Path.Combine(outputs, job);
        var watch = Watch(path, JobMask, out var errno);
        if (watch >= 0)
        {
            _watches.Add(job, watch);
            _jobs.Add(watch, job);
            return WatchOutcome.Watched;
        }

        if (errno is Libc.ENOENT or Libc.ENOTDIR) return WatchOutcome.NoFolder;
        if (errno is Libc.ENOSPC) because = WatchLimits.Refused(outputs, errno, isQueue: false);
        return WatchOutcome.Refused;
    }

    /// <inheritdoc/>
    public void Unwatch(string job)
    {
        if (!_watches.Remove(job, out var watch)) return;
        _jobs.Remove(watch);
        _inotify.Unwatch(watch);
    }

    /// <inheritdoc/>
    public void WaitForAny() => _inotify.WaitForAny();

    /// <inheritdoc/>
    public void Wake() => _inotify.Wake();

    /// <inheritdoc/>
    public void Read(List<Hint> into)
    {
        _events.Clear();
        _inotify.Read(_events);
        foreach (var happened in _events)
            if (HintOf(happened) is { } hint) into.Add(hint);
    }

    /// <inheritdoc/>
    public void Dispose() => _inotify.Dispose();

    private int Watch(string path, uint mask, out int errno)
    {
        errno = Refuse?.Invoke(path) ?? 0;
        return errno != 0 ? -1 : _inotify.Watch(path, mask, out errno);
    }

    private Hint? HintOf(InotifyEvent happened)
    {
        if ((happened.Mask & Libc.IN_Q_OVERFLOW) != 0) return new Hint(HintKind.Overflow, "");
        if (happened.Watch == _outputsWatch) return OfOutputs(happened);
        return _jobs.TryGetValue(happened.Watch, out var job) ? OfJob(job, happened) : null; // otherwise an event of a removed watch
    }

    private Hint? OfOutputs(InotifyEvent happened)
    {
        if ((happened.Mask & OutputsGone) != 0)
        {
            _outputsWatch = -1;
            return new Hint(HintKind.FolderGone, "");
        }

        if (ManifestFinder.IsLeftOut(happened.Name)) return null;
        return (happened.Mask & (Libc.IN_CREATE | Libc.IN_MOVED_TO | Libc.IN_MOVED_FROM | Libc.IN_DELETE)) switch
        {
            Libc.IN_MOVED_TO => new Hint(HintKind.JobArrived, happened.Name),
            Libc.IN_CREATE => new Hint(HintKind.JobTouched, happened.Name),
            _ => new Hint(HintKind.JobGone, happened.Name),
        };
    }

    private Hint? OfJob(string job, InotifyEvent happened)
    {
        if ((happened.Mask & Libc.IN_IGNORED) != 0)
        {
            // The folder and its watch are gone. The outputs folder reports that as well, unless the job folder was only linked from there.
            _watches.Remove(job);
            _jobs.Remove(happened.Watch);
            return new Hint(HintKind.JobTouched, job);
        }

        var isFinished = (happened.Mask & (Libc.IN_CLOSE_WRITE | Libc.IN_MOVED_TO)) != 0;
        if (happened.Name == ManifestFinder.FileName) return new Hint(isFinished ? HintKind.ManifestWritten : HintKind.JobTouched, job);
        return isFinished ? new Hint(HintKind.FileWritten, job) : null;
    }
}
