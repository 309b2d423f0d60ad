namespace NasSync.Watching;

/// <summary>Jobs that something happens to, each due once it has been quiet for a moment, and at the latest after a while.</summary>
internal sealed class Debounce(TimeProvider time)
{
    /// <summary>
    /// So long nothing may have happened: longer than a producer takes from one file of a job to the next, too short to be noticed.
    /// </summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>A job that is never quiet is looked at so often all the same.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Restless> _restless = new(StringComparer.Ordinal);
    private readonly Queue<(string Job, long Touched)> _turns = new();

    /// <summary>How long until one may be due; zero or less when it is, null when there is none.</summary>
    public TimeSpan? UntilNext => _turns.TryPeek(out var first) ? Quiet - time.GetElapsedTime(first.Touched) : null;

    /// <summary>Something happened to a job.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="isChange">True when its manifest must be given even if that itself looks the same.</param>
    public void Touch(string job, bool isChange)
    {
        var now = time.GetTimestamp();
        if (_restless.TryGetValue(job, out var known))
        {
            _restless[job] = known with { Last = now, IsChange = known.IsChange || isChange };
            return;
        }

        _restless.Add(job, new Restless(now, now, isChange));
        _turns.Enqueue((job, now));
    }

    /// <summary>What happened to a job is known by now.</summary>
    public void Forget(string job) => _restless.Remove(job);

    /// <summary>Takes a job that is due.</summary>
    public bool TryTake(out string job, out bool isChange)
    {
        while (_turns.TryPeek(out var first) && time.GetElapsedTime(first.Touched) >= Quiet)
        {
            _turns.Dequeue();
            job = first.Job;
            if (!_restless.TryGetValue(job, out var restless)) continue;
            if (time.GetElapsedTime(restless.Last) < Quiet && time.GetElapsedTime(restless.First) < Longest)
            {
                // It has its next turn a moment after its last touch; behind the others, which were touched before.
                _turns.Enqueue((job, restless.Last));
                continue;
            }

            _restless.Remove(job);
            isChange = restless.IsChange;
            return true;
        }

        (job, isChange) = ("", false);
        return false;
    }

    private readonly record struct Restless(long First, long Last, bool IsChange);
}
