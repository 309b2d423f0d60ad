using System.Collections.Concurrent;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// Removes part files that killed runs left in the folders that this run wrote to, when they were not written to for seven days. It lists each folder
/// once, at the end of the run, when this run's own part files are gone.
/// </summary>
internal sealed class LocalSweep(string place, KeptNames kept)
{
    private readonly ConcurrentDictionary<string, (RelativePath? Folder, bool WasThere)> _written = new(StringComparer.Ordinal);

    /// <summary>Notes a folder that receives a copy. Call it before the folder is created: a new folder holds nothing old.</summary>
    public void Note(SafeRoot root, RelativePath? folder)
    {
        var key = folder?.Value ?? "";
        if (!_written.ContainsKey(key)) _written.TryAdd(key, (folder, folder is null || root.Stat(folder) is not null));
    }

    /// <summary>Sweeps. A failure does not affect the run: it is counted, and the next run tries again.</summary>
    /// <param name="open">Opens the root; called only when there is a folder to sweep.</param>
    public void Run(Func<SafeRoot?> open)
    {
        foreach (var (folder, _) in _written.Values.Where(written => written.WasThere))
        {
            try
            {
                using var held = open()?.OpenFolder(folder, create: false);
                if (held is not null) Count("removed", Sweep(held));
            }
            catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
            {
                Count(e is FailureException failed ? failed.Failure.Code : "Refused", 1);
            }
        }

        _written.Clear();
        void Count(string outcome, int number) => Leftovers.Count(new("place", place), "part", outcome, number);
    }

    private int Sweep(SafeFolder folder)
    {
        var parts = folder.Parts().Where(part => Leftovers.IsPart(part.Name) && !kept.Holds(part.Name)).ToList();
        if (parts.Count == 0) return 0;
        var now = Clock(folder);
        var abandoned = parts.Where(part => Leftovers.IsAbandoned(part.Stat.State.MtimeNs, now)).ToList();
        foreach (var (name, _) in abandoned) folder.Unlink(name);
        return abandoned.Count;
    }

    private static long Clock(SafeFolder folder)
    {
        var name = Leftovers.ClockName();
        try
        {
            using var file = folder.CreateNew(name);
            return OpenFiles.Stat(file).State.MtimeNs;
        }
        finally
        {
            folder.Unlink(name);
        }
    }
}
