using System.IO.Enumeration;
using NasSync.Files;

namespace NasSync.Watching;

/// <summary>Finds the manifests that a path stands for.</summary>
public static class ManifestFinder
{
    /// <summary>The name of a manifest in its job folder.</summary>
    public const string FileName = "manifest.json";

    private const int NamesAtMost = 3;

    // What file systems and NAS systems keep for themselves, their recycle bins above all: a job in there was removed.
    private static readonly string[] SystemFolders =
    [
        "lost+found", "$RECYCLE.BIN", "System Volume Information", "#recycle", "#snapshot", "@eaDir", "@Recycle", "@Recently-Snapshot",
    ];

    /// <summary>
    /// Full paths of manifests, found while the caller asks for them, sorted by name in each folder: a file is taken as a manifest whatever
    /// its name; a job folder gives its own; an outputs folder those of its direct subfolders. Subfolders that end in <c>.tmp</c> or begin
    /// with a dot are still being made, and those of the system hold no jobs: all are left out. A manifest that only might be there, because its
    /// folder may not be read, is given too, so that reading it tells why. Nothing found is no error.
    /// </summary>
    /// <param name="path">A manifest, a job folder or an outputs folder; a relative path counts from the current folder.</param>
    /// <param name="recurse">True searches the whole tree, also below job folders; symbolic links to folders are not followed there.</param>
    /// <param name="tell">Told, while the caller asks, what people should know of folders that had to be left out; null: nobody wants to
    /// know.</param>
    /// <exception cref="FailureException"><c>PathNotFound</c>, at once, when nothing is at the path; <c>FolderUnreadable</c>.</exception>
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

    /// <summary>What people are told when nothing was found at a path that they named.</summary>
    public static Notice NothingIn(string path) => new(
        "NoManifest",
        $"No manifest.json was found in {path}.",
        "Name a manifest, a job folder, or the folder of job folders; a folder that ends in .tmp is still being made.");

    /// <summary>What people are told of folders whose names cannot be read; null when there are none.</summary>
    internal static Notice? Unreadable(string folder)
    {
        var names = UnreadableNames.In(folder);
        if (names.Count == 0) return null;
        var shown = string.Join(", ", names.Take(NamesAtMost).Select(name => $"'{name}'"))
            + (names.Count > NamesAtMost ? $" and {names.Count - NamesAtMost} more" : "");
        return new Notice(
            "NameUnreadable",
            $"What {Failure.Quote(folder)} holds under {(names.Count == 1 ? "a name that is" : "names that are")} no UTF-8 is left out: {shown}.",
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
            // Making it opens the folder already.
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
            return []; // removed since it was seen
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new FailureException(new Failure(
                error is IOException ? FailureClass.Transient : FailureClass.Permission, "FolderUnreadable",
                $"The folder {Failure.Quote(folder)} cannot be listed: {error.Message.TrimEnd('.')}.",
                "Let the user that runs NasSync list the folder."), error);
        }
    }

    /// <summary>Whether a subfolder of an outputs folder is still being made, or belongs to the system.</summary>
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
            // File.Exists also says no where it may not look; a job must not vanish for that.
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
            "PathNotFound",
            $"Nothing is at {Failure.Quote(path)}.",
            "Check the path, and whether its file system is mounted."));
}
