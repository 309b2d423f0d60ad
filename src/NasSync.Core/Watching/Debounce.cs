namespace NasSync.Watching;

/// <summary>
/// Collects jobs with recent events. A job is due once it has been quiet for <see cref="Quiet"/>, and <see cref="Longest"/> after its first event at
/// the latest.
/// </summary>
internal sealed class Debounce(TimeProvider time)
{
    /// <summary>The quiet period: longer than a producer takes from one file of a job to the next, too short to be noticed.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest delay for a job that never becomes quiet.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Restless> _restless = new(StringComparer.Ordinal);
    private readonly Queue<(string Job, long Touched)> _turns = new();

    /// <summary>The time until a job may be due; zero or less when one is due now, null when there is none.</summary>
    public TimeSpan? UntilNext => _turns.TryPeek(out var first) ? Quiet - time.GetElapsedTime(first.Touched) : null;

    /// <summary>Notes an event of a job.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="isChange">True when its manifest must be offered even if the manifest itself looks unchanged.</param>
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

    /// <summary>Drops a job whose events were handled.</summary>
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
                // Requeue with the time of its last event, behind jobs that were touched earlier.
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
