using NasSync.Destinations;

namespace NasSync.Transfers;

/// <summary>
/// What stands at a destination, for one plan after the other of a run. The first question about a folder is answered by looking at the one
/// file; from the second on, where each look is a round trip, the folder is listed once, and only files that the listing shows are looked at:
/// most files of a plan are new. What the run itself writes meanwhile is missing here; the planner knows it from its own claims.
/// </summary>
internal sealed class DestinationView(Lane lane, WorkerThreads threads)
{
    private readonly Dictionary<RelativePath, HashSet<RelativePath>?> _folders = [];

    public FileState? Stat(RelativePath path)
    {
        // The root itself may hold anything; it is never listed for the sake of one file.
        if (!lane.IsRemote || path.Parent is not { } folder) return Look(path);
        if (!_folders.TryGetValue(folder, out var files))
        {
            _folders[folder] = null;
            return Look(path);
        }

        files ??= _folders[folder] = lane.Ask(place => ListAsync(place, folder), threads);
        return files.Contains(path) ? Look(path) : null;
    }

    private FileState? Look(RelativePath path) => lane.Ask(place => place.StatAsync(path, CancellationToken.None).AsTask(), threads);

    private static async Task<HashSet<RelativePath>> ListAsync(IDestination destination, RelativePath folder)
    {
        var files = new HashSet<RelativePath>();
        await foreach (var entry in destination.ListAsync(folder, CancellationToken.None).ConfigureAwait(false)) files.Add(entry.Path);
        return files;
    }
}
