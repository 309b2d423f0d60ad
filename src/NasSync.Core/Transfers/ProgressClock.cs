namespace NasSync.Transfers;

/// <summary>Reports the progress of a copy, at most five times a second.</summary>
internal sealed class ProgressClock(TimeProvider time, Action<TransferEvent> emit)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<PlanItem, long> _last = new(ReferenceEqualityComparer.Instance);
    private readonly long _started = time.GetTimestamp();

    public void Tell(PlanItem item, long bytes)
    {
        lock (_last)
        {
            if (time.GetElapsedTime(_last.GetValueOrDefault(item, _started)) < Interval) return;
            _last[item] = time.GetTimestamp();
        }

        emit(new TransferEvent.Progress(item, bytes));
    }
}
