using NasSync.Destinations;

namespace NasSync.Transfers;

/// <summary>
/// What stands at a destination, for one plan after the other of a run. The first question about a folder is answered by looking at the one
/// file, the second, where each look is a round trip, by listing the folder once: a listing costs hardly more. What the run itself writes meanwhile is
/// missing here; the planner knows it from its own claims.
/// </summary>
internal sealed class DestinationView(IDestination destination, bool listsFolders)
{
    private readonly Dictionary<RelativePath, Dictionary<RelativePath, FileState>?> _folders = [];

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
        return files.TryGetValue(path, out var state) ? state : null;
    }

    private FileState? Look(RelativePath path) => destination.StatAsync(path, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private async Task<Dictionary<RelativePath, FileState>> ListAsync(RelativePath folder)
    {
        var files = new Dictionary<RelativePath, FileState>();
        await foreach (var entry in destination.ListAsync(folder, CancellationToken.None).ConfigureAwait(false)) files[entry.Path] = entry.State;
        return files;
    }
}
