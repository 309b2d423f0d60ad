namespace NasSync.Transfers;

/// <summary>
/// Items that wait for a slot. Jobs take turns, some items each: a job of a thousand artifacts does not keep the one that came after it waiting to
/// its end, and small jobs are still done one after the other, which ends most of them soonest. Not safe for several threads at once.
/// </summary>
internal sealed class FairBacklog
{
    /// <summary>Items of one job in a row while others wait.</summary>
    public const int Turn = 16;

    private readonly Queue<Queue<PlanItem>> _jobs = new();
    private readonly Dictionary<Manifest, Queue<PlanItem>> _byManifest = new(ReferenceEqualityComparer.Instance);
    private int _taken;

    /// <summary>Items that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts an item behind those of its job.</summary>
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

    /// <summary>The item whose turn it is; null when none waits.</summary>
    public PlanItem? Peek() => _jobs.TryPeek(out var job) ? job.Peek() : null;

    /// <summary>Takes the item whose turn it is.</summary>
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
