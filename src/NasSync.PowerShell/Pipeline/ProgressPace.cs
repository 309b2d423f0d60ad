namespace NasSync.PowerShell.Pipeline;

/// <summary>Decides when a progress line is due: none in the first two seconds, then at most five per second.</summary>
internal sealed class ProgressPace(TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly long _start = time.GetTimestamp();
    private long? _lastShown;

    /// <summary>The time since the start when a line is due, which then counts as shown; otherwise null.</summary>
    public TimeSpan? Due()
    {
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_start, now);
        if (elapsed < Quiet || _lastShown is { } last && time.GetElapsedTime(last, now) < Interval) return null;
        _lastShown = now;
        return elapsed;
    }
}
