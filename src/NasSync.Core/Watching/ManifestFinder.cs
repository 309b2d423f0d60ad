using System.IO.Enumeration;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>Finds the manifests at or below a path.</summary>
public static class ManifestFinder
{
    /// <summary>The file name of a manifest in its job folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The code of the failure that nothing is at a path.</summary>
    internal const string NothingThereCode = "PathNotFound";

    private const int NamesAtMost = 3;

    // Folders that file systems and NAS systems reserve for themselves, above all recycle bins: a job in there was deleted.
    private static readonly string[] SystemFolders =
    [
        "lost+found", "$RECYCLE.BIN", "System Volume Information", "#recycle", "#snapshot", "@eaDir", "@Recycle", "@Recently-Snapshot",
    ];

    /// <summary>
    /// Enumerates the full paths of manifests lazily, sorted by name in each folder. A file is taken as a manifest whatever its name; a job folder
    /// gives its own manifest; an outputs folder gives those of its direct subfolders. Skips subfolders that end in <c>.tmp</c> or begin with a dot,
    /// which are still being written, and system folders. Includes a manifest in an unreadable folder even if it may not exist, so that reading it
    /// reports the reason. Finding nothing is no error.
    /// </summary>
    /// <param name="path">A manifest, a job folder or an outputs folder; a relative path is resolved against the current folder.</param>
    /// <param name="recurse">True searches the whole tree, including below job folders; symbolic links to folders are not followed there.</param>
    /// <param name="tell">Receives notices about folders that were skipped, during the enumeration; null discards them.</param>
    /// <exception cref="FailureException"><c>PathNotFound</c>, thrown immediately, when the path does not exist; <c>FolderUnreadable</c>.</exception>
    public static IEnumerable<string> Find(string path, bool recurse = false, Action<Notice>? tell = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) return [full];
        if (!Directory.Exists(full)) throw NotFound(full);
        if (recurse) return InTree(full, tell);
        var own = Path.Combine(full, FileName);
        return File.Exists(own) ? [own] : InSubfolders(full, tell);
    }

    /// <summary>The notice that nothing was found at a path that the user named.</summary>
    public static Notice NothingIn(string path) => new(
        "NoManifest",
        $"No manifest.json was found in {path}.",
        "Name a manifest, a job folder, or the folder of job folders; a folder that ends in .tmp is still being made.");

    /// <summary>The notice about subfolders whose names are not UTF-8; null when there are none.</summary>
    internal static Notice? Unreadable(string folder)
    {
        var names = UnreadableNames.In(folder);
        if (names.Count == 0) return null;
        var shown = string.Join(", ", names.Take(NamesAtMost).Select(name => $"'{name}'"))
            + (names.Count > NamesAtMost ? $" and {names.Count - NamesAtMost} more" : "");
        return new Notice(
            "NameUnreadable",
            $"In {Failure.Quote(folder)} {(names.Count == 1 ? "a name is" : "these names are")} not UTF-8 and left out: {shown}.",
            "Let the producer write names in UTF-8, or rename it (convmv); a job in there is not synced until then.");
    }

    private static IEnumerable<string> InSubfolders(string outputs, Action<Notice>? tell)
    {
        foreach (var folder in Subfolders(outputs, followLinks: true, tell))
            if (MayHoldManifest(folder)) yield return Path.Combine(folder, FileName);
    }

    private static IEnumerable<string> InTree(string top, Action<Notice>? tell)
    {
        var open = new Stack<string>([top]);
        while (open.TryPop(out var folder))
        {
            if (MayHoldManifest(folder)) yield return Path.Combine(folder, FileName);
            string[] below;
            try
            {
                below = Subfolders(folder, followLinks: false, tell);
            }
            catch (FailureException) when (folder != top)
            {
                continue;
            }

            for (var i = below.Length - 1; i >= 0; i--) open.Push(below[i]);
        }
    }

    private static string[] Subfolders(string folder, bool followLinks, Action<Notice>? tell)
    {
        var hasUnreadable = false;
        try
        {
            // The constructor already opens the folder.
            var names = new FileSystemEnumerable<string>(folder, static (ref FileSystemEntry entry) => entry.FileName.ToString(),
                new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                {
                    if (!entry.IsDirectory || (!followLinks && (entry.Attributes & FileAttributes.ReparsePoint) != 0) || IsLeftOut(entry.FileName))
                        return false;
                    hasUnreadable |= UnreadableNames.MayBe(entry.FileName);
                    return true;
                },
            };
            var sorted = names.ToArray();
            if (hasUnreadable && tell is not null && Unreadable(folder) is { } notice) tell(notice);
            Array.Sort(sorted, StringComparer.Ordinal);
            return Array.ConvertAll(sorted, name => Path.Combine(folder, name));
        }
        catch (DirectoryNotFoundException)
        {
            return []; // removed meanwhile
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new FailureException(new Failure(
                error is IOException ? FailureClass.Transient : FailureClass.Permission, "FolderUnreadable",
                $"The folder {Failure.Quote(folder)} cannot be listed: {error.Message.TrimEnd('.')}.",
                "Let the user that runs NasSync list the folder."), error);
        }
    }

    /// <summary>Whether a subfolder of an outputs folder is still being written, or belongs to the system.</summary>
    internal static bool IsLeftOut(ReadOnlySpan<char> name)
    {
        if (name.StartsWith(".") || name.EndsWith(".tmp", StringComparison.OrdinalIgnoreCase)) return true;
        foreach (var folder in SystemFolders)
            if (name.Equals(folder, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private static bool MayHoldManifest(string folder)
    {
        var manifest = Path.Combine(folder, FileName);
        if (File.Exists(manifest)) return true;
        try
        {
            // File.Exists also returns false when it may not look; a job must not disappear for that reason.
            _ = File.GetAttributes(manifest);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static FailureException NotFound(string path) =>
        new(new Failure(
            FailureClass.Gone,
            NothingThereCode,
            $"Nothing is at {Failure.Quote(path)}.",
            "Check the path, and whether its file system is mounted."));
}
