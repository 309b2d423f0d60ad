using NasSync.Files;

namespace NasSync.Watching;

/// <summary>
/// What the watcher's thread does, round after round: heed hints, look at what has become quiet, and scan. Only the scan is trusted: it lists
/// every job and compares its manifest with what was seen before. How often it scans depends on how much the hints can be relied on:
/// <list type="bullet">
/// <item>every poll interval where there are none (network file systems, a limit of the system), or where a young job is not watched;</item>
/// <item>at once after hints were lost, or when the folder is another one;</item>
/// <item>else every <see cref="Rest"/>, since all that hints can miss there is an old job's manifest being written anew.</item>
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

    // Replaced as a whole, so that who sees a scan sees what came of it too.
    private WatchFigures _figures = new();

    /// <summary>The kind of file system of a path that changes without telling; null when it tells.</summary>
    public Func<string, string?> KindThatChangesUntold { get; init; } = NetworkFileSystem.KindThatChangesUntold;

    /// <summary>The longest time for which a changed manifest stays unseen where hints work: twelve poll intervals, but at most a minute.</summary>
    public TimeSpan Rest => poll > LongestRest ? poll : poll * 12 < LongestRest ? poll * 12 : LongestRest;

    /// <summary>What has been done so far.</summary>
    public WatchFigures Figures => Volatile.Read(ref _figures);

    /// <summary>Ends <see cref="Run"/> soon.</summary>
    public void Stop()
    {
        _isStopping = true;
        hints.Wake();
    }

    /// <summary>Goes on until it is stopped.</summary>
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

            // A scan of very many jobs, or of a slow server, is followed by a rest as long as it took.
            var pause = !_isAway && (_mustArm || _mustScan) ? _scanTook : poll > _scanTook ? poll : _scanTook;
            return pause - time.GetElapsedTime(before);
        }
    }

    private void Wait()
    {
        var until = UntilCheck;
        if (_restless.UntilNext is { } quiet && quiet < until) until = quiet;
        if (until <= TimeSpan.Zero || _isStopping) return;

        // Rounded up: timers count milliseconds, and one that fires early would fire again and again.
        using var timer = time.CreateTimer(
            _ => hints.Wake(),
            null,
            TimeSpan.FromMilliseconds(Math.Ceiling(until.TotalMilliseconds)),
            Timeout.InfiniteTimeSpan);
        hints.WaitForAny();
    }

    private void Heed(Hint hint)
    {
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

                // The scan sees manifests only; that a file beside one was written may be among what was lost.
                foreach (var job in _young.WithManifest) _restless.Touch(job, isChange: true);
                break;
            default:
                _mustArm = true;
                break;
        }
    }

    // Watched first and looked at then: what happens in between is told by a hint.
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
            _mustScan = true; // the outputs folder is gone, or will not be listed: the scan tells
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

    /// <summary>Begins with hints, as far as the folder's file system gives any.</summary>
    private bool Arm()
    {
        (_mustArm, _armed) = (false, time.GetTimestamp());
        var kind = KindThatChangesUntold(outputs);
        (_isLocal, _isHinted) = (kind is null, false);
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

                // What was there whole before anybody looked has come to rest long ago, for all that is known.
                if (change == JobChange.Folder || (change == JobChange.Manifest && !isFirst)) KeepSeen(job, manifest is not null);
            }
        }
        finally
        {
            // Also when the listing broke off: the next scan takes these for known.
            changed.Sort(StringComparer.Ordinal);
            foreach (var job in changed) feed.Offer(ManifestOf(job));
        }

        // Once for each such name: they stay until someone renames them.
        var unreadable = _folder.Unreadable();
        if (unreadable is not null && unreadable.Message != _unreadable) notices.Say(unreadable);
        _unreadable = unreadable?.Message;

        // Of a folder that went away meanwhile a part was seen, or nothing.
        if (_folder.IsStillThere()) _jobs.Unseen().ForEach(Forget);
        else _mustScan = true;
        _scanned = time.GetTimestamp();
        _scanTook = time.GetElapsedTime(began);
        _scans++;
    }

    private void KeepSeen(string job, bool hasManifest)
    {
        if (!Keep(job)) return;
        _young.Know(job, hasManifest);
        if (_young.IsWatched(job)) _restless.Touch(job, isChange: false); // it was looked at before it was watched
    }

    private void See(string job, FileState? manifest, bool isChange)
    {
        var change = _jobs.See(job, manifest);
        _young.Know(job, manifest is not null);
        if (manifest is not null && (isChange || change == JobChange.Manifest)) feed.Offer(ManifestOf(job));
    }

    private string ManifestOf(string job) => Path.Combine(outputs, job, ManifestFinder.FileName);

    // Where another machine numbers the files, or FUSE does, one file may have another number at every look.
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
