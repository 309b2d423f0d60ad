namespace NasSync.Destinations.Local;

/// <summary>
/// Makes names durable for many copies at once: those that get their names in a folder while it is being flushed share the next flush. Each copy
/// still returns only after a flush that began behind its rename, so that nothing is promised earlier; only fewer flushes are needed.
/// </summary>
internal sealed class FolderFlushes
{
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);

    /// <summary>Returns after a flush that began later than this call. An error of it is that of everybody who shares it.</summary>
    /// <param name="folder">Which folder, below the root.</param>
    /// <param name="flush">Flushes it; called by one of those who share.</param>
    public void Share(string folder, Action flush)
    {
        Folder one;
        Round mine;
        lock (_folders)
        {
            if (!_folders.TryGetValue(folder, out one!)) _folders[folder] = one = new Folder();
            one.Users++;
            mine = one.Next ??= new Round();
        }

        try
        {
            // One flush of a folder at a time: while one is under way, the next one gathers those who wait here.
            lock (one)
            {
                if (!mine.IsDone) Flush(one, mine, flush);
            }
        }
        finally
        {
            lock (_folders)
            {
                if (--one.Users == 0) _folders.Remove(folder);
            }
        }

        mine.Error?.Throw();
    }

    private void Flush(Folder one, Round mine, Action flush)
    {
        // Who comes from now on may have renamed too late for this one.
        lock (_folders) one.Next = null;
        try
        {
            flush();
        }
        catch (Exception e)
        {
            mine.Error = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
        }

        mine.IsDone = true;
    }

    private sealed class Folder
    {
        public int Users { get; set; }

        public Round? Next { get; set; }
    }

    private sealed class Round
    {
        public bool IsDone { get; set; }

        public System.Runtime.ExceptionServices.ExceptionDispatchInfo? Error { get; set; }
    }
}
