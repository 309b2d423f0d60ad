namespace NasSync.Destinations.Pipeline;

/// <summary>
/// Lets bytes through at a rate that may change with the time of day. Up to a second's worth may go at once; a block larger than that goes when
/// the bucket is full and is paid for afterwards, so that the rate holds for every size of block.
/// </summary>
/// <param name="bytesPerSecond">The rate at this moment; null is unlimited.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(Func<long?> bytesPerSecond, TimeProvider time)
{
    private readonly object _gate = new();
    private double _tokens;
    private long _filledAt = time.GetTimestamp();
    private bool _isFirst = true;

    /// <summary>Waits until the bytes may go, and takes them.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        while (Wait(bytes) is { } wait) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    // Null when the bytes were taken, else how long to wait before asking again.
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

            // At most a second, so that a change of the timetable is seen.
            return TimeSpan.FromSeconds(Math.Clamp((needed - _tokens) / rate, 0.001, 1));
        }
    }
}
