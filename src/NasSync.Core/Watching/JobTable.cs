using System.Runtime.InteropServices;

namespace NasSync.Watching;

/// <summary>What one look at a job tells, compared with the look before.</summary>
internal enum JobChange
{
    /// <summary>Nothing new.</summary>
    None,

    /// <summary>A job folder that was not known; it has no manifest yet.</summary>
    Folder,

    /// <summary>A manifest that was not known, or that looks different now.</summary>
    Manifest,
}

/// <summary>The jobs of an outputs folder as they were last seen: a few words for each, so that many thousands cost little.</summary>
internal sealed class JobTable
{
    private const long NoManifest = -2;
    private readonly Dictionary<string, Seen> _jobs = new(StringComparer.Ordinal);
    private int _scan;

    /// <summary>How many jobs are known, with a manifest or without.</summary>
    public int Count => _jobs.Count;

    /// <summary>Takes what a look at a job saw.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="manifest">Its manifest; null when it has none. The device is left out: one file system has another number each time it is
    /// mounted.</param>
    public JobChange See(string job, FileState? manifest)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_jobs, job, out var isKnown);
        var now = manifest is { } state ? new Seen(state.Size, state.MtimeNs, state.Inode, _scan) : new Seen(NoManifest, 0, 0, _scan);
        var isSame = isKnown && seen == (now with { Scan = seen.Scan });
        seen = now;
        return isSame ? JobChange.None : manifest is not null ? JobChange.Manifest : isKnown ? JobChange.None : JobChange.Folder;
    }

    /// <summary>Forgets a job.</summary>
    public void Forget(string job) => _jobs.Remove(job);

    /// <summary>Begins a look at all jobs.</summary>
    public void BeginScan() => _scan++;

    /// <summary>Ends it.</summary>
    /// <returns>The jobs that were not seen since it began.</returns>
    public List<string> Unseen()
    {
        var unseen = new List<string>();
        foreach (var (job, seen) in _jobs)
            if (seen.Scan != _scan) unseen.Add(job);
        return unseen;
    }

    private readonly record struct Seen(long Size, long MtimeNs, ulong Inode, int Scan);
}
