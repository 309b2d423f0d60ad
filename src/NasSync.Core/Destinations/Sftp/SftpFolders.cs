using System.Collections.Concurrent;

namespace NasSync.Destinations.Sftp;

/// <summary>Folders on the server: created when needed, and made durable together when many files arrive at once.</summary>
internal sealed class SftpFolders
{
    // The value tells whether the folder existed before us.
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _written = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _named = new(StringComparer.Ordinal);
    private readonly SftpRights _rights;
    private readonly Dictionary<string, Task<bool>> _making = new(StringComparer.Ordinal);

    // Per connection, so that the end of one does not affect copies on another.
    private readonly ConcurrentDictionary<(SftpSession, string), FolderSync> _syncs = new();

    /// <param name="rights">Mode and owner of new folders; null: the server's umask decides.</param>
    public SftpFolders(SftpRights? rights = null) => _rights = rights ?? new SftpRights(null);

    /// <summary>Folders that received copies and existed before: only they can hold leftovers of earlier runs.</summary>
    public IReadOnlyCollection<string> Written => [.. _written.Keys];

    /// <summary>Notes that a copy has its final name.</summary>
    public void Named(string path) => _named.TryAdd(path, true);

    /// <summary>Whether one of our copies has this final name, so that its part files are no longer needed.</summary>
    public bool IsNamed(string path) => _named.ContainsKey(path);

    /// <summary>Like <see cref="EnsureAsync"/>, for a folder that receives a copy.</summary>
    public async Task ForWritingAsync(SftpSession session, string folder)
    {
        if (await EnsureAsync(session, folder).ConfigureAwait(false)) _written.TryAdd(folder, true);
    }

    /// <summary>
    /// Creates a folder and the missing folders above it. A symbolic link to a folder counts as a folder. Copies that need it at the same time share
    /// one attempt, and none continues before the new name is durable.
    /// </summary>
    /// <returns>Whether the folder existed before us.</returns>
    public async Task<bool> EnsureAsync(SftpSession session, string folder)
    {
        if (folder.Length == 0) return true;
        while (true)
        {
            if (_known.TryGetValue(folder, out var wasThere)) return wasThere;
            var making = Making(session, folder, out var isOurs);
            try
            {
                return await making.ConfigureAwait(false);
            }
            catch (Exception e) when (!isOurs && SftpFailure.IsConnectionEnd(e))
            {
                // It was the attempt of another connection, whose end does not concern this one.
            }
            finally
            {
                if (isOurs) Made(folder, making);
            }
        }
    }

    /// <summary>Forgets all known folders, because one was removed.</summary>
    public void Forget()
    {
        lock (_making)
        {
            _known.Clear();
            _making.Clear();
        }
    }

    /// <summary>Makes the names in a folder durable. Calls that arrive during a flush share the next one.</summary>
    /// <returns>False when the server cannot.</returns>
    public Task<bool> SyncAsync(SftpSession session, string folder) =>
        session.Offers("fsync@openssh.com")
            ? _syncs.GetOrAdd((session, folder), _ => new FolderSync()).JoinAsync(session, folder.Length == 0 ? "." : folder)
            : Task.FromResult(false);

    /// <summary>The parent folder; empty when the path has none.</summary>
    public static string Above(string path) => path.LastIndexOf('/') switch
    {
        < 0 => "",
        0 => path.Length == 1 ? "" : "/",
        var slash => path[..slash],
    };

    /// <summary>The path of a name in a folder; an empty folder means the server's start folder.</summary>
    public static string In(string folder, string name) => folder.Length == 0 ? name : $"{folder.TrimEnd('/')}/{name}";

    /// <summary>The failure when a file is where a folder is needed.</summary>
    public static Failure NotAFolder(string folder) => new(
        FailureClass.Conflict,
        "NotAFolder",
        $"A file stands where the folder {Failure.Quote(folder)} is needed.",
        "Rename or remove it, or choose another target.");

    private Task<bool> Making(SftpSession session, string folder, out bool isOurs)
    {
        lock (_making)
        {
            isOurs = !_making.TryGetValue(folder, out var making);
            return making ?? (_making[folder] = MakeAsync(session, folder));
        }
    }

    private void Made(string folder, Task<bool> making)
    {
        lock (_making)
        {
            if (_making.GetValueOrDefault(folder) == making) _making.Remove(folder);
        }
    }

    private async Task<bool> MakeAsync(SftpSession session, string folder)
    {
        var wasThere = false;
        if (await session.StatAsync(folder).ConfigureAwait(false) is { } found)
        {
            Check(folder, found);
            wasThere = true;
        }
        else
        {
            var above = Above(folder);
            await EnsureAsync(session, above).ConfigureAwait(false);
            try
            {
                await session.MkDirAsync(folder).ConfigureAwait(false);
                await _rights.GiveToFolderAsync(session, folder).ConfigureAwait(false);
                await SyncAsync(session, above).ConfigureAwait(false);
            }
            catch (SftpStatusException)
            {
                if (await session.StatAsync(folder).ConfigureAwait(false) is not { } made) throw;
                Check(folder, made);
            }
        }

        // Another attempt, from before a removal, may just have created it.
        return _known.GetOrAdd(folder, wasThere);
    }

    private static void Check(string folder, SftpAttributes found)
    {
        if (!found.IsFolder && found.Permissions is not null) throw new FailureException(NotAFolder(folder));
    }

    private sealed class FolderSync
    {
        private readonly object _gate = new();
        private Task<bool> _last = Task.FromResult(true);
        private Task<bool>? _next;

        public Task<bool> JoinAsync(SftpSession session, string folder)
        {
            lock (_gate)
            {
                return _next ??= AfterAsync(_last, session, folder);
            }
        }

        private async Task<bool> AfterAsync(Task<bool> before, SftpSession session, string folder)
        {
            // Leaves the lock, and starts after the running flush, whatever its outcome.
            await before.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            lock (_gate)
            {
                _last = _next!;
                _next = null;
            }

            return await OnceAsync(session, folder).ConfigureAwait(false);
        }

        private static async Task<bool> OnceAsync(SftpSession session, string folder)
        {
            byte[]? handle = null;
            try
            {
                // Not part of the protocol, but OpenSSH fsyncs a folder's descriptor like any other.
                handle = await session.OpenAsync(folder, SftpOpen.Read).ConfigureAwait(false);
                await session.FsyncAsync(handle).ConfigureAwait(false);
                return true;
            }
            catch (SftpStatusException)
            {
                return false;
            }
            finally
            {
                if (handle is not null) _ = session.CloseAsync(handle);
            }
        }
    }
}
