using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>Real hints that are read only while a test lets them.</summary>
internal sealed class HeldHints(IHints inner) : IHints
{
    private readonly object _reading = new();
    private readonly ManualResetEventSlim _gate = new(initialState: true);

    public int Jobs => inner.Jobs;

    /// <summary>From now on hints pile up. Waits for a look that is under way, which would else read some of them.</summary>
    public void Hold()
    {
        lock (_reading) _gate.Reset();
    }

    /// <summary>They are read again.</summary>
    public void Release() => _gate.Set();

    public Notice? Arm() => inner.Arm();

    public void Disarm() => inner.Disarm();

    public WatchOutcome Watch(string job, out Notice? because) => inner.Watch(job, out because);

    public void Unwatch(string job) => inner.Unwatch(job);

    public void WaitForAny()
    {
        inner.WaitForAny();
        _gate.Wait(Timeout.Infinite);
    }

    public void Wake() => inner.Wake();

    public void Read(List<Hint> into)
    {
        while (true)
        {
            _gate.Wait(Timeout.Infinite);
            lock (_reading)
            {
                if (!_gate.IsSet) continue;
                inner.Read(into);
                return;
            }
        }
    }

    public void Dispose()
    {
        inner.Dispose();
        _gate.Dispose();
    }
}
