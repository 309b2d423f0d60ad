using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>
/// The loop of the watcher's thread: handle hints, examine jobs that have become quiet, and scan. Only the scan is reliable: it lists every job
/// and compares its manifest with the last known state. How often it runs depends on how reliable the hints are:
/// <list type="bullet">
/// <item>every poll interval where there are none (network file systems, a system limit), or where a young job is not watched;</item>
/// <item>immediately after events were lost, or when the folder is a different one;</item>
/// <item>otherwise every <see cref="Rest"/>, because hints then miss only rewritten manifests of old jobs.</item>
/// </list>
/// </summary>
internal sealed class WatchLoop(string outputs, TimeSpan poll, IHints hints, ManifestFeed feed, WatchNotices notices, TimeProvider time)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Seldom = TimeSpan.FromHours(1);
    private readonly OutputsFolder _folder = new(outputs);
    private readonly JobTable _jobs = new();
    private readonly YoungJobs _young = new(hints, time);
    private readonly Debounce _restless = new(time);
    private readonly List<Hint> _hints = [];
    private long? _checked, _scanned;
    private long _armed;
    private TimeSpan _scanTook;
    private string? _awayBecause, _unreadable;
    private bool _isAway, _isHinted, _isLocal, _mustArm, _mustScan;
    private volatile bool _isStopping;
    private long _scans, _overflows;

    // Replaced as a whole, so that a reader who sees a new scan count also sees the scan's results.
    private WatchFigures _figures = new();

    /// <summary>Returns the kind of a path's file system when it does not report all changes; null when it does.</summary>
    public Func<string, string?> KindThatChangesUntold { get; init; } = NetworkFileSystem.KindThatChangesUntold;

    /// <summary>Receives diagnostic messages. Default: nowhere.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>
    /// The longest time for which a changed manifest goes unnoticed while hints work: twelve poll intervals, but at most a minute unless the poll
    /// interval itself is longer.
    /// </summary>
    public TimeSpan Rest => poll > LongestRest ? poll : poll * 12 < LongestRest ? poll * 12 : LongestRest;

    /// <summary>The state and statistics so far.</summary>
    public WatchFigures Figures => Volatile.Read(ref _figures);

    /// <summary>Makes <see cref="Run"/> return soon.</summary>
    public void Stop()
    {
        _isStopping = true;
        hints.Wake();
    }

    /// <summary>Runs until <see cref="Stop"/> is called.</summary>
    public void Run()
    {
        while (!_isStopping)
        {
            if (UntilCheck <= TimeSpan.Zero) Check();
            _hints.Clear();
            hints.Read(_hints);
            foreach (var hint in _hints) Heed(hint);
            while (_restless.TryTake(out var job, out var isChange)) LookAt(job, isChange);
            Count();
            if (_hints.Count == 0) Wait();
        }
    }

    private TimeSpan UntilCheck
    {
        get
        {
            if (_checked is not { } before) return TimeSpan.Zero;

            // A scan of very many jobs, or of a slow server, is followed by a pause at least as long as the scan took.
            var pause = !_isAway && (_mustArm || _mustScan) ? _scanTook : poll > _scanTook ? poll : _scanTook;
            return pause - time.GetElapsedTime(before);
        }
    }

    private void Wait()
    {
        var until = UntilCheck;
        if (_restless.UntilNext is { } quiet && quiet < until) until = quiet;
        if (until <= TimeSpan.Zero || _isStopping) return;

        // Rounded up: timers count milliseconds, and a timer that fires early would be set again and again.
        using var timer = time.CreateTimer(
            _ => hints.Wake(),
            null,
            TimeSpan.FromMilliseconds(Math.Ceiling(until.TotalMilliseconds)),
            Timeout.InfiniteTimeSpan);
        hints.WaitForAny();
    }

    private void Heed(Hint hint)
    {
        WatchLog.Hinted(Log, hint.Kind, hint.Job);
        switch (hint.Kind)
        {
            case HintKind.JobArrived or HintKind.ManifestWritten:
                LookAt(hint.Job, isChange: true);
                break;
            case HintKind.JobTouched or HintKind.FileWritten:
                if (Keep(hint.Job)) _restless.Touch(hint.Job, hint.Kind == HintKind.FileWritten);
                break;
            case HintKind.JobGone:
                Forget(hint.Job);
                break;
            case HintKind.Overflow:
                _overflows++;
                notices.Say(WatchLimits.Overflown(outputs), atMostEvery: LongestRest);
                _mustScan = true;

                // The scan examines only manifests, but the lost events may include a file written beside one.
                foreach (var job in _young.WithManifest) _restless.Touch(job, isChange: true);
                break;
            default:
                _mustArm = true;
                break;
        }
    }

    // Watch first, then examine: a hint reports whatever happens in between.
    private void LookAt(string job, bool isChange)
    {
        _restless.Forget(job);
        try
        {
            if (!Keep(job)) return;
            var manifest = Comparable(_folder.ManifestOf(job, out var isFolder));
            if (!isFolder) Forget(job);
            else See(job, manifest, isChange);
        }
        catch (IOException)
        {
            _mustScan = true; // the outputs folder is missing or unreadable: the scan reports it
        }
    }

    private bool Keep(string job)
    {
        var isFolder = _young.Keep(job, out var because);
        if (because is not null) notices.Say(because, Seldom);
        if (!isFolder) Forget(job);
        return isFolder;
    }

    private void Forget(string job)
    {
        _restless.Forget(job);
        _young.Leave(job);
        _jobs.Forget(job);
        feed.Forget(ManifestOf(job));
    }

    private void Check()
    {
        var mustScan = _mustScan;
        var look = _folder.Look(_jobs.Count, out var away);
        try
        {
            if (look == FolderLook.Away) GoAway(away!);
            else if (look == FolderLook.Same && !_isAway && !_mustArm) LookAgain(mustScan);
            else Arrive();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GoAway(_folder.Look(_jobs.Count, out away) == FolderLook.Away ? away! : _folder.Unreadable(e));
        }

        _checked = time.GetTimestamp();
    }

    private void Arrive()
    {
        Arm();
        _young.WatchMore(lostAll: true);
        Scan();
        feed.HasAll();
        if (_awayBecause is not null) notices.Say(_folder.Back());
        (_awayBecause, _isAway) = (null, false);
    }

    private void LookAgain(bool mustScan)
    {
        _young.Rest();
        if (_isLocal && !_isHinted && time.GetElapsedTime(_armed) >= Rest) mustScan |= Arm();
        mustScan |= !_isHinted || _young.Unwatched > 0 || _scanned is not { } before || time.GetElapsedTime(before) >= Rest;
        _young.WatchMore(lostAll: false);
        if (mustScan) Scan();
    }

    private void GoAway(Notice because)
    {
        if (_awayBecause != because.Message) notices.Say(because);
        (_awayBecause, _isAway, _isHinted) = (because.Message, true, false);
        hints.Disarm();
    }

    /// <summary>Enables hints, if the folder's file system supports them; returns whether it does.</summary>
    private bool Arm()
    {
        (_mustArm, _armed) = (false, time.GetTimestamp());
        var kind = KindThatChangesUntold(outputs);
        (_isLocal, _isHinted) = (kind is null, false);
        WatchLog.Armed(Log, outputs, kind is null ? "the system" : "scans alone");
        if (kind is not null)
        {
            hints.Disarm();
            notices.Say(Polling(kind), Seldom);
            return false;
        }

        var refused = hints.Arm();
        if (refused is not null) notices.Say(refused, Seldom);
        return _isHinted = refused is null;
    }

    private void Scan()
    {
        var began = time.GetTimestamp();
        var isFirst = _scanned is null;
        _mustScan = false;
        var changed = new List<string>();
        _jobs.BeginScan();
        try
        {
            foreach (var (job, manifest) in _folder.Jobs())
            {
                var change = _jobs.See(job, Comparable(manifest));
                if (change == JobChange.Manifest) changed.Add(job);

                // Jobs that were complete before the first scan are assumed to be at rest.
                if (change == JobChange.Folder || (change == JobChange.Manifest && !isFirst)) KeepSeen(job, manifest is not null);
            }
        }
        finally
        {
            // Runs also when the listing failed half way, because the next scan would take these jobs for known.
            changed.Sort(StringComparer.Ordinal);
            foreach (var job in changed) Offer(job);
        }

        // Report each set of names only once, because the names stay until someone renames them.
        var unreadable = _folder.Unreadable();
        if (unreadable is not null && unreadable.Message != _unreadable) notices.Say(unreadable);
        _unreadable = unreadable?.Message;

        // If the folder went away meanwhile, the listing is incomplete.
        if (_folder.IsStillThere()) _jobs.Unseen().ForEach(Forget);
        else _mustScan = true;
        _scanned = time.GetTimestamp();
        _scanTook = time.GetElapsedTime(began);
        _scans++;
        WatchLog.Scanned(Log, outputs, _jobs.Count, changed.Count, (long)_scanTook.TotalMilliseconds);
    }

    private void KeepSeen(string job, bool hasManifest)
    {
        if (!Keep(job)) return;
        _young.Know(job, hasManifest);
        if (_young.IsWatched(job)) _restless.Touch(job, isChange: false); // it was examined before it was watched
    }

    private void See(string job, FileState? manifest, bool isChange)
    {
        var change = _jobs.See(job, manifest);
        _young.Know(job, manifest is not null);
        if (manifest is not null && (isChange || change == JobChange.Manifest)) Offer(job);
    }

    private void Offer(string job)
    {
        WatchLog.Offered(Log, ManifestOf(job));
        feed.Offer(ManifestOf(job));
    }

    private string ManifestOf(string job) => Path.Combine(outputs, job, ManifestFinder.FileName);

    // Servers and FUSE may number one file differently each time.
    private FileState? Comparable(FileState? manifest) => manifest is { } state && !_isLocal ? state with { Inode = 0 } : manifest;

    private Notice Polling(string kind) => new(
        "WatchPolling",
        $"The outputs folder {outputs} lies on a file system ({kind}) that does not tell of every change.",
        "It is looked through at every pollInterval; nothing is missed, but a job is found only then.");

    private void Count()
    {
        var now = new WatchFigures
        {
            Scans = _scans,
            Overflows = _overflows,
            Jobs = _jobs.Count,
            Watched = hints.Jobs,
            IsPolling = !_isHinted,
            IsThere = !_isAway,
        };
        if (now != _figures) Volatile.Write(ref _figures, now);
    }
}
