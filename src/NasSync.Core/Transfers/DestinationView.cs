using NasSync.Destinations;

namespace NasSync.Transfers;

/// <summary>
/// What stands at a destination, for one plan after the other of a run. The first question about a folder is answered by looking at the one
/// file; from the second on, where each look is a round trip, the folder is listed once, and only files that the listing shows are looked at:
/// most files of a plan are new. What the run itself writes meanwhile is missing here; the planner knows it from its own claims.
/// </summary>
internal sealed class DestinationView(IDestination destination, bool listsFolders)
{
    private readonly Dictionary<RelativePath, HashSet<RelativePath>?> _folders = [];

    public FileState? Stat(RelativePath path)
    {
        // The root itself may hold anything; it is never listed for the sake of one file.
        if (!listsFolders || path.Parent is not { } folder) return Look(path);
        if (!_folders.TryGetValue(folder, out var files))
        {
            _folders[folder] = null;
            return Look(path);
        }

        files ??= _folders[folder] = ListAsync(folder).GetAwaiter().GetResult();
        return files.Contains(path) ? Look(path) : null;
    }

    private FileState? Look(RelativePath path) => destination.StatAsync(path, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private async Task<HashSet<RelativePath>> ListAsync(RelativePath folder)
    {
        var files = new HashSet<RelativePath>();
        await foreach (var entry in destination.ListAsync(folder, CancellationToken.None).ConfigureAwait(false)) files.Add(entry.Path);
        return files;
    }
}
