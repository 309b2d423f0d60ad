namespace NasSync.Destinations.Local;

/// <summary>
/// Makes file names durable for many copies at once: copies that are renamed while their folder is being flushed share the next flush. Each copy
/// still returns only after a flush that began after its rename, so the guarantee is the same with fewer flushes.
/// </summary>
internal sealed class FolderFlushes
{
    private readonly Dictionary<string, Folder> _folders = new(StringComparer.Ordinal);

    /// <summary>Returns after a flush that began later than this call. All callers that share a flush get its error.</summary>
    /// <param name="folder">The folder, below the root.</param>
    /// <param name="flush">Flushes the folder; called by one of the callers that share.</param>
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
            // One flush per folder at a time: callers that wait here meanwhile share the next one.
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
        // A caller that arrives from now on may have renamed too late for this flush.
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
