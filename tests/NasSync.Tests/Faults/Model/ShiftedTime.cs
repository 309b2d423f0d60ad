namespace NasSync.Tests.Faults.Model;

/// <summary>The system's clock plus an offset that a story can increase. Timers are the system's own, so the offset shortens no wait.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _aheadTicks;

    /// <summary>Increases the offset.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
}
