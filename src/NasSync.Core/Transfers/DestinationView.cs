namespace NasSync.Transfers;

/// <summary>
/// The files at a destination, as the plans of a run see them. For the first question about a folder, only that file is queried. From the second
/// question on, a remote folder is listed once, and only files in the listing are queried, since most files of a plan are new. Files that the run
/// itself writes meanwhile are not in the listing; the planner knows them from its own claims. Thread-safe.
/// </summary>
internal sealed class DestinationView(Lane lane, WorkerThreads threads) : IDisposable
{
    // Limits the questions that are asked ahead of time, so that those of copies get through too.
    private const int MostForeseen = 16;
    private readonly object _gate = new();

    // Null means that only one file of the folder was queried so far.
    private readonly Dictionary<RelativePath, Task<HashSet<RelativePath>>?> _folders = [];
    private readonly Dictionary<RelativePath, Task<FileState?>> _looks = [];

    // Neither is ever disposed, because questions that are still open at the end use them.
    private readonly SemaphoreSlim _atOnce = new(MostForeseen);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>
    /// Starts asking what <see cref="Stat"/> is going to need, without waiting. Does nothing at a place where a question costs no round trip.
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
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public FileState? Stat(RelativePath path, CancellationToken cancellationToken = default)
    {
        // The root may contain any number of files, so it is never listed.
        if (!lane.IsRemote || path.Parent is not { } folder) return Look(path, cancellationToken);
        Task<FileState?>? look;
        Task<HashSet<RelativePath>>? listing = null;
        lock (_gate)
        {
            if (!_looks.Remove(path, out look))
            {
                if (!_folders.TryGetValue(folder, out listing)) _folders[folder] = null;
                else _folders[folder] = listing ??= ListAsync(folder, cancellationToken);
            }
        }

        if (look is not null) return look.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        return listing is null || Listed(folder, listing, cancellationToken).Contains(path) ? Look(path, cancellationToken) : null;
    }

    /// <summary>Starts no more questions ahead of time; does not wait for open ones.</summary>
    public void Dispose() => _stop.Cancel();

    private HashSet<RelativePath> Listed(RelativePath folder, Task<HashSet<RelativePath>> listing, CancellationToken cancellationToken)
    {
        try
        {
            return listing.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch
        {
            // Forget the failed listing, so that the next question tries again.
            lock (_gate) _folders[folder] = null;
            throw;
        }
    }

    private FileState? Look(RelativePath path, CancellationToken cancellationToken) =>
        lane.Ask(place => place.StatAsync(path, cancellationToken).AsTask(), threads);

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

    // Runs on another thread, because the caller holds the lock. An exception is observed here, since the answer may never be awaited: the run may
    // stop, or the plan may not need it.
    private Task<T> Foreseen<T>(Func<Task<T>> question)
    {
        var asked = Task.Run(() => ForeseenAsync(question));
        _ = asked.ContinueWith(failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return asked;
    }
}
