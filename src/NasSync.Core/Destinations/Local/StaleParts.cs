using NasSync.Files;

namespace NasSync.Destinations.Local;

/// <summary>
/// The part files that killed runs left in the folders that this run writes to. Each folder is listed once, before this run creates its first part
/// file there. A part file is removed when its final name is written again or found to be complete, because nothing needs it any more. A file that
/// the ledger records as a copy is never removed, whatever its name.
/// </summary>
/// <param name="kept">The names of recorded copies.</param>
internal sealed class StaleParts(KeptNames kept)
{
    private readonly Dictionary<string, HashSet<string>> _folders = new(StringComparer.Ordinal);

    /// <summary>Removes the part files of a final name.</summary>
    /// <param name="folder">The folder, open.</param>
    /// <param name="path">The final name.</param>
    /// <param name="ours">The part file that is about to be created, which stays.</param>
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
            // The folder may be written but not listed; its part files stay.
            return [];
        }
    }
}
