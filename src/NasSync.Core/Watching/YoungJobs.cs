namespace NasSync.Watching;

/// <summary>
/// Jobs that are still being written: those without a manifest, and those with a fresh one, because producers rewrite it or add files. Each gets a
/// watch of its own, as far as the system allows, until it comes to rest; the many jobs at rest need no watch.
/// </summary>
internal sealed class YoungJobs(IHints hints, TimeProvider time)
{
    /// <summary>A job with a manifest is at rest after this time without events.</summary>
    public static readonly TimeSpan RestWithManifest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A job without a manifest is at rest after this time. Encoding a long film may take a while, but a folder that never becomes a job must not be
    /// watched forever.
    /// </summary>
    public static readonly TimeSpan RestWithout = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Young> _young = new(StringComparer.Ordinal);

    /// <summary>The number of young jobs without a watch, whose changes only a scan finds.</summary>
    public int Unwatched { get; private set; }

    /// <summary>Young jobs with a manifest.</summary>
    public IEnumerable<string> WithManifest => _young.Where(pair => pair.Value.HasManifest).Select(pair => pair.Key);

    /// <summary>Notes an event of a job: it becomes young, and watched if possible.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="because">A notice for people when the system refuses the watch.</param>
    /// <returns>False when the job is not a folder; nothing is stored in that case.</returns>
    public bool Keep(string job, out Notice? because)
    {
        because = null;
        _young.TryGetValue(job, out var known);
        var outcome = known.IsWatched ? WatchOutcome.Watched : hints.Watch(job, out because);
        Forget(job);
        if (outcome == WatchOutcome.NoFolder) return false;
        Set(job, known with { Touched = time.GetTimestamp(), IsWatched = outcome == WatchOutcome.Watched });
        return true;
    }

    /// <summary>Whether hints report the changes of a job.</summary>
    public bool IsWatched(string job) => _young.TryGetValue(job, out var known) && known.IsWatched;

    /// <summary>Notes whether a young job has a manifest, which decides how soon it comes to rest.</summary>
    public void Know(string job, bool hasManifest)
    {
        if (_young.TryGetValue(job, out var known)) _young[job] = known with { HasManifest = hasManifest };
    }

    /// <summary>Drops a job and its watch.</summary>
    public void Leave(string job)
    {
        Forget(job);
        hints.Unwatch(job);
    }

    /// <summary>Drops the jobs that have come to rest.</summary>
    public void Rest()
    {
        List<string>? resting = null;
        foreach (var (job, young) in _young)
            if (time.GetElapsedTime(young.Touched) >= (young.HasManifest ? RestWithManifest : RestWithout)) (resting ??= []).Add(job);
        foreach (var job in resting ?? []) Leave(job);
    }

    /// <summary>Watches more jobs if the limit allows it now; the caller must examine them afterwards.</summary>
    /// <param name="lostAll">True when all existing watches were lost.</param>
    public void WatchMore(bool lostAll)
    {
        foreach (var (job, young) in lostAll || Unwatched > 0 ? _young.ToList() : [])
        {
            if (young.IsWatched && !lostAll) continue;
            Forget(job);
            var outcome = hints.Watch(job, out _);
            if (outcome != WatchOutcome.NoFolder) Set(job, young with { IsWatched = outcome == WatchOutcome.Watched });
            if (outcome == WatchOutcome.Refused && !lostAll) return; // further requests would be refused too
        }
    }

    private void Set(string job, Young young)
    {
        _young.Add(job, young);
        if (!young.IsWatched) Unwatched++;
    }

    private void Forget(string job)
    {
        if (_young.Remove(job, out var young) && !young.IsWatched) Unwatched--;
    }

    private readonly record struct Young(long Touched, bool HasManifest, bool IsWatched);
}
