namespace NasSync.Destinations.S3;

/// <summary>
/// A budget of bytes for buffers. A session that holds nothing may exceed it, so that sessions never deadlock waiting for each other.
/// </summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _free = bytes;

    /// <summary>Free bytes; negative while the budget is exceeded.</summary>
    public long Free => Interlocked.Read(ref _free);

    /// <summary>Takes bytes if they are free.</summary>
    public bool TryTake(long wanted)
    {
        if (Interlocked.Add(ref _free, -wanted) >= 0) return true;
        Interlocked.Add(ref _free, wanted);
        return false;
    }

    /// <summary>Takes bytes even if none are free.</summary>
    public void Take(long wanted) => Interlocked.Add(ref _free, -wanted);

    /// <summary>Returns bytes.</summary>
    public void Return(long taken) => Interlocked.Add(ref _free, taken);
}
