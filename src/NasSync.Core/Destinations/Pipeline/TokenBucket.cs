namespace NasSync.Destinations.Pipeline;

/// <summary>
/// Limits bytes to a rate that may change with the time of day. Up to one second's worth may pass at once; a larger block passes when the bucket is
/// full and is paid off afterwards, so that the rate holds for every block size.
/// </summary>
/// <param name="bytesPerSecond">The current rate; null is unlimited.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(Func<long?> bytesPerSecond, TimeProvider time)
{
    private readonly object _gate = new();
    private double _tokens;
    private long _filledAt = time.GetTimestamp();
    private bool _isFirst = true;

    /// <summary>Waits until the bytes may pass, and takes them.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        while (Wait(bytes) is { } wait) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    // Null when the bytes were taken, otherwise the delay before the next attempt.
    private TimeSpan? Wait(int bytes)
    {
        if (bytesPerSecond() is not { } rate) return null;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = _isFirst ? rate : Math.Min(rate, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * rate);
            (_filledAt, _isFirst) = (now, false);
            var needed = Math.Min(bytes, rate);
            if (_tokens >= needed)
            {
                _tokens -= bytes;
                return null;
            }

            // At most a second, so that a change in the timetable takes effect.
            return TimeSpan.FromSeconds(Math.Clamp((needed - _tokens) / rate, 0.001, 1));
        }
    }
}
