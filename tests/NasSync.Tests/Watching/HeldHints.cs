using NasSync.Watching;

namespace NasSync.Tests.Watching;

/// <summary>Real hints that are read only while a test lets them.</summary>
internal sealed class HeldHints(IHints inner) : IHints
{
    private readonly ManualResetEventSlim _gate = new(initialState: true);

    public int Jobs => inner.Jobs;

    /// <summary>From now on hints pile up.</summary>
    public void Hold() => _gate.Reset();

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

    public void Read(List<Hint> into) => inner.Read(into);

    public void Dispose()
    {
        inner.Dispose();
        _gate.Dispose();
    }
}
