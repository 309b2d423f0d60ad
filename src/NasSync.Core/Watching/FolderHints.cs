namespace NasSync.Watching;

/// <summary>
/// Hints from <see cref="FileSystemWatcher"/>, for platforms without inotify; it watches the whole tree. It does not report when a writer closes a
/// file, so only renamed entries count as complete; for others the caller waits until they are quiet.
/// </summary>
internal sealed class FolderHints(string outputs) : IHints
{
    private const int BufferBytes = 64 * 1024; // the maximum on Windows for a network share
    private const int MostHints = 20_000;
    private readonly SemaphoreSlim _bell = new(0);
    private readonly List<Hint> _hints = [];
    private FileSystemWatcher? _watcher;

    /// <inheritdoc/>
    public int Jobs => 0;

    /// <inheritdoc/>
    public Notice? Arm()
    {
        Disarm();
        try
        {
            var watcher = new FileSystemWatcher(outputs)
            {
                IncludeSubdirectories = true,
                InternalBufferSize = BufferBytes,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            _watcher = watcher;
            watcher.Created += (_, happened) => Tell(watcher, happened.Name, HintKind.JobTouched, HintKind.JobTouched, HintKind.FileWritten);
            watcher.Changed += (_, happened) => Tell(watcher, happened.Name, HintKind.JobTouched, HintKind.FileWritten, HintKind.FileWritten);
            watcher.Deleted += (_, happened) => Tell(watcher, happened.Name, HintKind.JobGone, HintKind.JobTouched, null);
            watcher.Renamed += (_, happened) =>
            {
                Tell(watcher, happened.OldName, HintKind.JobGone, HintKind.JobTouched, null);
                Tell(watcher, happened.Name, HintKind.JobArrived, HintKind.ManifestWritten, HintKind.FileWritten);
            };
            watcher.Error += (_, error) =>
                Add(watcher, new Hint(error.GetException() is InternalBufferOverflowException ? HintKind.Overflow : HintKind.FolderGone, ""));
            watcher.EnableRaisingEvents = true;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Disarm();
            return new Notice(
                WatchLimits.RefusedCode,
                $"The system refuses to report changes in {outputs} ({e.Message.TrimEnd('.')}).",
                "The folder is scanned at every pollInterval instead; nothing is missed.");
        }
    }

    /// <inheritdoc/>
    public void Disarm()
    {
        _watcher?.Dispose();
        _watcher = null;
        lock (_hints) _hints.Clear();
    }

    /// <inheritdoc/>
    public WatchOutcome Watch(string job, out Notice? because)
    {
        because = null;
        return WatchOutcome.Watched;
    }

    /// <inheritdoc/>
    public void Unwatch(string job)
    {
        // A single watcher covers the whole tree.
    }

    /// <inheritdoc/>
    public void WaitForAny()
    {
        _bell.Wait(Timeout.Infinite);
        while (_bell.Wait(0))
        {
            // Several rings count as one.
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        try
        {
            _bell.Release();
        }
        catch (ObjectDisposedException)
        {
            // A timer may fire while its owner is being disposed.
        }
    }

    /// <inheritdoc/>
    public void Read(List<Hint> into)
    {
        lock (_hints)
        {
            into.AddRange(_hints);
            _hints.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disarm();
        _bell.Dispose();
    }

    private void Tell(FileSystemWatcher watcher, string? name, HintKind ofJob, HintKind ofManifest, HintKind? ofFile)
    {
        if (name is null) return;
        var end = name.AsSpan().IndexOfAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        var job = end < 0 ? name : name[..end];
        if (job.Length == 0 || ManifestFinder.IsLeftOut(job)) return;
        HintKind? kind = end < 0
            ? ofJob
            : name.AsSpan(end + 1).Equals(ManifestFinder.FileName, StringComparison.OrdinalIgnoreCase) ? ofManifest : ofFile;
        if (kind is { } told) Add(watcher, new Hint(told, job));
    }

    private void Add(FileSystemWatcher watcher, Hint hint)
    {
        lock (_hints)
        {
            if (!ReferenceEquals(watcher, _watcher)) return; // a late event of a replaced watcher
            if (_hints.Count >= MostHints)
            {
                _hints.Clear();
                hint = new Hint(HintKind.Overflow, "");
            }

            // A growing file raises the same event many times in a row.
            if (_hints.Count == 0 || _hints[^1] != hint) _hints.Add(hint);
        }

        Wake();
    }
}
