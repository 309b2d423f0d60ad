namespace NasSync.Tests.Support;

/// <summary>A clock that stands still until a test advances it. Due timers fire on the thread that advances it.</summary>
internal sealed class ManualTime(DateTimeOffset? start = null) : TimeProvider
{
    private readonly DateTimeOffset _start = start ?? SampleEvents.Noon;
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>The number of pending timers; a test can wait until its code has started one.</summary>
    public int Waiting
    {
        get
        {
            lock (_timers) return _timers.Count;
        }
    }

    /// <summary>Called with the delay of each new timer, on the thread that creates it, before the timer counts as pending.</summary>
    public Action<TimeSpan>? TimerMade { get; set; }

    /// <summary>Advances the clock and fires due timers.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_timers)
        {
            _elapsed += by;
            due = [.. _timers.Where(timer => timer.Due <= _elapsed)];
            _timers.RemoveAll(due.Contains);
        }

        foreach (var timer in due) timer.Fire();
    }

    /// <summary>Advances the clock by a second whenever a timer is pending, until a task completes. The test itself waits for no real time.</summary>
    public async Task RunUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            if (Waiting > 0) Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await done;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + _elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => _elapsed.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        TimerMade?.Invoke(dueTime);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._timers)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = time._elapsed + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._timers) time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
