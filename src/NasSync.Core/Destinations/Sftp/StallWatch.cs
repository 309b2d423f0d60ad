namespace NasSync.Destinations.Sftp;

/// <summary>The other side showed no activity for too long while an answer was due.</summary>
internal sealed class StalledException(TimeSpan silence) : IOException($"no answer for {silence.TotalSeconds:0} s");

/// <summary>
/// Detects that nothing moves while an answer is due. Any activity restarts the time, so that a slow line is never taken for a dead one; while
/// nothing is due, nothing is watched.
/// </summary>
/// <param name="patience">The longest time without activity.</param>
/// <param name="time">The clock.</param>
/// <param name="giveUp">Called with the length of the silence, on a thread of the clock's timer.</param>
/// <param name="nudge">Called a few times before that, to request a sign of life; null when there is no such request.</param>
internal sealed class StallWatch(TimeSpan patience, TimeProvider time, Action<StalledException> giveUp, Action? nudge = null) : IDisposable
{
    /// <summary>A server may need this many times longer to bring a file's last gigabytes to its disks, without any sign.</summary>
    private const int SlowFactor = 10;
    private readonly object _gate = new();
    private readonly TimeSpan _step = nudge is null ? patience : patience / 3;
    private ITimer? _timer;
    private int _pending;
    private int _slow;
    private long _lastMove;
    private bool _armed;
    private bool _disposed;

    /// <summary>Notes that an answer is due.</summary>
    /// <param name="slow">It may rightly take ten times as long.</param>
    public void Begin(bool slow = false)
    {
        lock (_gate)
        {
            if (_pending++ == 0) _lastMove = time.GetTimestamp();
            if (slow) _slow++;
            if (!_armed) Arm(_step);
        }
    }

    /// <summary>Notes that the answer has come.</summary>
    public void End(bool slow = false)
    {
        lock (_gate)
        {
            _pending--;
            if (slow) _slow--;
            _lastMove = time.GetTimestamp();
        }
    }

    /// <summary>Notes activity: some bytes were sent or received.</summary>
    public void Move() => Interlocked.Exchange(ref _lastMove, time.GetTimestamp());

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Look()
    {
        TimeSpan silence;
        bool dead;
        lock (_gate)
        {
            _armed = false;
            if (_disposed || _pending == 0) return;
            silence = time.GetElapsedTime(Interlocked.Read(ref _lastMove));
            var left = (_slow > 0 ? patience * SlowFactor : patience) - silence;
            _disposed = dead = left <= TimeSpan.Zero;
            Arm(left < _step ? left : _step);
        }

        // Outside the lock: both callbacks may block.
        if (dead) giveUp(new StalledException(silence));
        else if (silence >= _step) nudge?.Invoke();
    }

    private void Arm(TimeSpan after)
    {
        if (_disposed) return;
        _armed = true;
        if (_timer is null) _timer = time.CreateTimer(_ => Look(), null, after, Timeout.InfiniteTimeSpan);
        else _timer.Change(after, Timeout.InfiniteTimeSpan);
    }
}
