namespace NasSync.Transfers;

/// <summary>
/// A queue of items that wait for a slot. Jobs take turns, each with a few items, so a job of a thousand artifacts does not delay the next job until
/// its end. Small jobs still run one after the other, so most of them finish soonest. Not thread-safe.
/// </summary>
internal sealed class FairBacklog
{
    /// <summary>The number of items that one job gets in a row while other jobs wait.</summary>
    public const int Turn = 16;

    private readonly Queue<Queue<PlanItem>> _jobs = new();
    private readonly Dictionary<Manifest, Queue<PlanItem>> _byManifest = new(ReferenceEqualityComparer.Instance);
    private int _taken;

    /// <summary>The number of waiting items.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an item after those of its job.</summary>
    public void Enqueue(PlanItem item)
    {
        if (!_byManifest.TryGetValue(item.Manifest, out var job))
        {
            _byManifest[item.Manifest] = job = new Queue<PlanItem>();
            _jobs.Enqueue(job);
        }

        job.Enqueue(item);
        Count++;
    }

    /// <summary>The next item; null when none waits.</summary>
    public PlanItem? Peek() => _jobs.TryPeek(out var job) ? job.Peek() : null;

    /// <summary>Removes and returns the next item.</summary>
    public PlanItem Dequeue()
    {
        var job = _jobs.Peek();
        var item = job.Dequeue();
        Count--;
        if (job.Count == 0)
        {
            _byManifest.Remove(item.Manifest);
            _jobs.Dequeue();
            _taken = 0;
        }
        else if (++_taken == Turn)
        {
            _jobs.Enqueue(_jobs.Dequeue());
            _taken = 0;
        }

        return item;
    }
}
