namespace NasSync.Transfers;

/// <summary>Counts items between their plan and their outcome, so that the end of a run can be awaited.</summary>
internal sealed class ItemsUnderWay
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Starts at one, for the caller that still adds items.
    private int _count = 1;

    public void Add() => Interlocked.Increment(ref _count);

    public void Remove()
    {
        if (Interlocked.Decrement(ref _count) == 0) _none.TrySetResult();
    }

    /// <summary>Completes when every item has its outcome. Call it once, after the last item was added.</summary>
    public Task NoneAsync()
    {
        Remove();
        return _none.Task;
    }
}
