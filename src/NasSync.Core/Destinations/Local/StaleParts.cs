using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// The part files that runs which were killed left in the folders this run writes to. Each folder is listed once, before the first part of our
/// own is made there; a part goes as soon as its final name is written again, or found to be whole, since it will not be needed any more. What the
/// ledger holds as a copy is none, whatever its name.
/// </summary>
/// <param name="kept">What is recorded.</param>
internal sealed class StaleParts(KeptNames kept)
{
    private readonly Dictionary<string, HashSet<string>> _folders = new(StringComparer.Ordinal);

    /// <summary>Removes what was left of a final name.</summary>
    /// <param name="folder">The folder, open.</param>
    /// <param name="path">The final name.</param>
    /// <param name="ours">A part that is about to be made, and stays.</param>
    public void Remove(SafeFolder folder, RelativePath path, string? ours = null)
    {
        List<string> stale;
        lock (_folders)
        {
            var key = path.Parent?.Value ?? "";
            if (!_folders.TryGetValue(key, out var parts)) _folders[key] = parts = List(folder);
            if (parts.Count == 0) return;
            if (ours is not null) parts.Remove(ours);
            stale = parts.Where(part => AtomicFile.IsPartOf(part, path.FileName) && !kept.Holds(part)).ToList();
            parts.ExceptWith(stale);
        }

        foreach (var part in stale) folder.Unlink(part);
    }

    private static HashSet<string> List(SafeFolder folder)
    {
        try
        {
            return folder.PartNames().ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may be written but not listed: then they stay.
            return [];
        }
    }
}
