namespace NasSync.Tests.Faults.Model;

/// <summary>The system's clock, so much ahead as a story moved it. Timers are the system's: what waits, waits as ever.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _aheadTicks;

    /// <summary>Moves it on.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
}
