using System.Collections.Concurrent;
using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// Removes part files that a killed run left in the folders that this one wrote to, and that nobody took up for seven days. What a folder held is
/// looked at once, at the end of the run, when the parts that it works on itself are gone.
/// </summary>
internal sealed class LocalSweep(string place, KeptNames kept)
{
    private readonly ConcurrentDictionary<string, (RelativePath? Folder, bool WasThere)> _written = new(StringComparer.Ordinal);

    /// <summary>A copy goes to a folder; told before the folder is made, since a new one holds nothing old.</summary>
    public void Note(SafeRoot root, RelativePath? folder)
    {
        var key = folder?.Value ?? "";
        if (!_written.ContainsKey(key)) _written.TryAdd(key, (folder, folder is null || root.Stat(folder) is not null));
    }

    /// <summary>Sweeps. Failures do not concern the run; they are counted, and the next run tries again.</summary>
    /// <param name="open">Gives the root; asked only when there is a folder to look at.</param>
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
