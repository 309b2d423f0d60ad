namespace NasSync.Ledgers;

/// <summary>
/// An empty folder in which a place would be made, and in which another one was copied to before: it looks like the folder below a mount that is
/// missing, whatever is said of the new place.
/// </summary>
/// <param name="Path">The folder that is empty.</param>
/// <param name="Known">The place that was in it.</param>
internal sealed record EmptiedFolder(string Path, string Known)
{
    /// <summary>
    /// The one in which a root would be made; null when there is none. Only what lies above the root is looked at: another place may hang.
    /// </summary>
    /// <param name="root">The root, as a full path.</param>
    /// <param name="known">The roots that were copied to before.</param>
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
            // Who may not list it cannot know; whoever writes there says what is wrong.
            return false;
        }
    }
}
