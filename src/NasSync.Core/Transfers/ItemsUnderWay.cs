namespace NasSync.Transfers;

/// <summary>Counts items between their plan and their outcome, so that the end of a run can be awaited.</summary>
internal sealed class ItemsUnderWay
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for whoever still adds items.
    private int _count = 1;

    public void Add() => Interlocked.Increment(ref _count);

    public void Remove()
    {
        if (Interlocked.Decrement(ref _count) == 0) _none.TrySetResult();
    }

    /// <summary>Done when every item has its outcome; called once, after the last was added.</summary>
    public Task NoneAsync()
    {
        Remove();
        return _none.Task;
    }
}
