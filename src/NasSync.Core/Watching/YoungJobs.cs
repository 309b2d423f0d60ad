namespace NasSync.Watching;

/// <summary>
/// Jobs that are still being made: those without a manifest, and those whose manifest is fresh, since producers write it anew or add a file. They
/// are watched one by one, as far as the system allows, until they have come to rest; the many that rest cost no watch.
/// </summary>
internal sealed class YoungJobs(IHints hints, TimeProvider time)
{
    /// <summary>A job with a manifest rests when so long nothing happened to it.</summary>
    public static readonly TimeSpan RestWithManifest = TimeSpan.FromMinutes(1);

    /// <summary>One without, which may wait for a long film to be encoded; what never becomes a job must not be watched for ever.</summary>
    public static readonly TimeSpan RestWithout = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Young> _young = new(StringComparer.Ordinal);

    /// <summary>How many are not watched, so that only a scan tells what becomes of them.</summary>
    public int Unwatched { get; private set; }

    /// <summary>Those with a manifest.</summary>
    public IEnumerable<string> WithManifest => _young.Where(pair => pair.Value.HasManifest).Select(pair => pair.Key);

    /// <summary>Something happens to a job: it is young, and watched if that can be.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="because">What people should know of a refusal.</param>
    /// <returns>False when it is no folder; nothing is kept of it.</returns>
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

    /// <summary>Whether hints tell what happens to a job.</summary>
    public bool IsWatched(string job) => _young.TryGetValue(job, out var known) && known.IsWatched;

    /// <summary>Whether a young job has a manifest by now; it decides how soon it rests.</summary>
    public void Know(string job, bool hasManifest)
    {
        if (_young.TryGetValue(job, out var known)) _young[job] = known with { HasManifest = hasManifest };
    }

    /// <summary>A job is gone; its watch ends with its folder, or here if it only moved away.</summary>
    public void Leave(string job)
    {
        Forget(job);
        hints.Unwatch(job);
    }

    /// <summary>Lets go of those that have come to rest.</summary>
    public void Rest()
    {
        List<string>? resting = null;
        foreach (var (job, young) in _young)
            if (time.GetElapsedTime(young.Touched) >= (young.HasManifest ? RestWithManifest : RestWithout)) (resting ??= []).Add(job);
        foreach (var job in resting ?? []) Leave(job);
    }

    /// <summary>Watches more of them, if there is room by now; they must be looked at afterwards.</summary>
    /// <param name="lostAll">True when no watch is left of those that were.</param>
    public void WatchMore(bool lostAll)
    {
        foreach (var (job, young) in lostAll || Unwatched > 0 ? _young.ToList() : [])
        {
            if (young.IsWatched && !lostAll) continue;
            Forget(job);
            var outcome = hints.Watch(job, out _);
            if (outcome != WatchOutcome.NoFolder) Set(job, young with { IsWatched = outcome == WatchOutcome.Watched });
            if (outcome == WatchOutcome.Refused && !lostAll) return; // the next ones would be refused too
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
