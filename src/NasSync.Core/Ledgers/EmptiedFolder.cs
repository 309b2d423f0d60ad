namespace NasSync.Ledgers;

/// <summary>
/// An empty folder in which a new place would be created and which held another place before. It looks like the mount point of a missing mount, so no
/// new place is created there.
/// </summary>
/// <param name="Path">The empty folder.</param>
/// <param name="Known">The place that was in it.</param>
internal sealed record EmptiedFolder(string Path, string Known)
{
    /// <summary>
    /// Finds the empty folder in which a root would be created; null when there is none. Examines only the folders above the root: touching another
    /// place may hang.
    /// </summary>
    /// <param name="root">The root, as a full path.</param>
    /// <param name="known">The roots that earlier runs copied to.</param>
    public static EmptiedFolder? Above(string root, IEnumerable<string> known)
    {
        string? above = null;
        foreach (var other in known)
        {
            above ??= Existing(root);
            if (above is null) return null;
            if (IsBelow(other, above)) return IsEmpty(above) ? new EmptiedFolder(above, other) : null;
        }

        return null;
    }

    private static string? Existing(string root)
    {
        var folder = System.IO.Path.TrimEndingDirectorySeparator(root);
        while (folder is not null && !Directory.Exists(folder)) folder = System.IO.Path.GetDirectoryName(folder);
        return folder;
    }

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(System.IO.Path.TrimEndingDirectorySeparator(folder) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool IsEmpty(string folder)
    {
        try
        {
            return !Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the right to list the folder, nothing is known; the later write reports the error.
            return false;
        }
    }
}
