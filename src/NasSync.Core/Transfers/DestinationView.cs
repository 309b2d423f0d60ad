namespace NasSync.Transfers;

/// <summary>
/// What stands at a destination, for one plan after the other of a run. The first question about a folder is answered by looking at the one
/// file; from the second on, where each look is a round trip, the folder is listed once, and only files that the listing shows are looked at:
/// most files of a plan are new. What the run itself writes meanwhile is missing here; the planner knows it from its own claims. Safe to call from
/// any thread.
/// </summary>
internal sealed class DestinationView(Lane lane, WorkerThreads threads) : IDisposable
{
    // So many questions that nobody waits for yet are asked at a time; a copy's own have to get through too.
    private const int MostForeseen = 16;
    private readonly object _gate = new();

    // Null: one of its files was looked at, no more.
    private readonly Dictionary<RelativePath, Task<HashSet<RelativePath>>?> _folders = [];
    private readonly Dictionary<RelativePath, Task<FileState?>> _looks = [];

    // Both never disposed: what is under way at the end still uses them.
    private readonly SemaphoreSlim _atOnce = new(MostForeseen);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>
    /// Begins to ask, and waits for nothing, what <see cref="Stat"/> is going to be asked; nothing where a question costs no round trip.
    /// </summary>
    public void Foresee(IEnumerable<RelativePath> paths)
    {
        if (!lane.IsRemote) return;
        foreach (var files in paths.Where(path => path.Parent is not null).GroupBy(path => path.Parent!))
        {
            lock (_gate)
            {
                var isNew = !_folders.TryGetValue(files.Key, out var listing);
                if (listing is not null) continue;
                if (!isNew || files.Skip(1).Any())
                {
                    _folders[files.Key] = Foreseen(() => ListAsync(files.Key, _stop.Token));
                    continue;
                }

                _folders[files.Key] = null;
                _looks[files.First()] = Foreseen(() => LookAsync(files.First(), _stop.Token));
            }
        }
    }

    /// <summary>The file at a path; null when there is none.</summary>
    public FileState? Stat(RelativePath path)
    {
        // The root itself may hold anything; it is never listed for the sake of one file.
        if (!lane.IsRemote || path.Parent is not { } folder) return Look(path);
        Task<FileState?>? look;
        Task<HashSet<RelativePath>>? listing = null;
        lock (_gate)
        {
            if (!_looks.Remove(path, out look))
            {
                if (!_folders.TryGetValue(folder, out listing)) _folders[folder] = null;
                else _folders[folder] = listing ??= ListAsync(folder, CancellationToken.None);
            }
        }

        if (look is not null) return look.GetAwaiter().GetResult();
        return listing is null || Listed(folder, listing).Contains(path) ? Look(path) : null;
    }

    /// <summary>Asks no more of what was foreseen; waits for nothing.</summary>
    public void Dispose() => _stop.Cancel();

    private HashSet<RelativePath> Listed(RelativePath folder, Task<HashSet<RelativePath>> listing)
    {
        try
        {
            return listing.GetAwaiter().GetResult();
        }
        catch
        {
            // Who asks next may be luckier.
            lock (_gate) _folders[folder] = null;
            throw;
        }
    }

    private FileState? Look(RelativePath path) => lane.Ask(place => place.StatAsync(path, CancellationToken.None).AsTask(), threads);

    private Task<FileState?> LookAsync(RelativePath path, CancellationToken cancellationToken) =>
        lane.AskAsync(place => place.StatAsync(path, cancellationToken).AsTask(), threads);

    private Task<HashSet<RelativePath>> ListAsync(RelativePath folder, CancellationToken cancellationToken) => lane.AskAsync(
        async place =>
        {
            var files = new HashSet<RelativePath>();
            await foreach (var entry in place.ListAsync(folder, cancellationToken).ConfigureAwait(false)) files.Add(entry.Path);
            return files;
        },
        threads);

    private async Task<T> ForeseenAsync<T>(Func<Task<T>> question)
    {
        await _atOnce.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            return await question().ConfigureAwait(false);
        }
        finally
        {
            _atOnce.Release();
        }
    }

    // On another thread, since the lock is held. Nobody may come to wait for it: the run is stopped, or the plan needs no answer.
    private Task<T> Foreseen<T>(Func<Task<T>> question)
    {
        var asked = Task.Run(() => ForeseenAsync(question));
        _ = asked.ContinueWith(failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return asked;
    }
}
