using System.Runtime.InteropServices;

namespace NasSync.Watching;

/// <summary>What has changed since a job was last examined.</summary>
internal enum JobChange
{
    /// <summary>Nothing new.</summary>
    None,

    /// <summary>The job folder is new and has no manifest yet.</summary>
    Folder,

    /// <summary>The manifest is new or looks different.</summary>
    Manifest,
}

/// <summary>The last known state of each job in an outputs folder; a few words per job, so that many thousands cost little.</summary>
internal sealed class JobTable
{
    private const long NoManifest = -2;
    private readonly Dictionary<string, Seen> _jobs = new(StringComparer.Ordinal);
    private int _scan;

    /// <summary>How many jobs are known, with a manifest or without.</summary>
    public int Count => _jobs.Count;

    /// <summary>Stores the state of a job and compares it with the previous one.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="manifest">The state of its manifest; null when it has none. The device is ignored, because its number changes with each
    /// mount.</param>
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

    /// <summary>Begins a scan of all jobs.</summary>
    public void BeginScan() => _scan++;

    /// <summary>Ends the scan.</summary>
    /// <returns>The jobs that the scan did not see.</returns>
    public List<string> Unseen()
    {
        var unseen = new List<string>();
        foreach (var (job, seen) in _jobs)
            if (seen.Scan != _scan) unseen.Add(job);
        return unseen;
    }

    private readonly record struct Seen(long Size, long MtimeNs, ulong Inode, int Scan);
}
