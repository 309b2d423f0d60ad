namespace NasSync.Destinations.S3;

/// <summary>Bytes that may be held at a time. Who holds nothing yet may always take: nobody can then wait for each other for ever.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _free = bytes;

    /// <summary>Bytes that nobody holds; below 0 while somebody takes more than there are.</summary>
    public long Free => Interlocked.Read(ref _free);

    /// <summary>Takes bytes when they are free.</summary>
    public bool TryTake(long wanted)
    {
        if (Interlocked.Add(ref _free, -wanted) >= 0) return true;
        Interlocked.Add(ref _free, wanted);
        return false;
    }

    /// <summary>Takes bytes also when none are free.</summary>
    public void Take(long wanted) => Interlocked.Add(ref _free, -wanted);

    /// <summary>Gives bytes back.</summary>
    public void Return(long taken) => Interlocked.Add(ref _free, taken);
}
