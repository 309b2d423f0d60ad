using System.Collections.Concurrent;

namespace NasSync.Destinations.Sftp;

/// <summary>Folders on the server: made when they are needed, and made durable together when many files come at once.</summary>
internal sealed class SftpFolders
{
    // The value says whether it was there before us.
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _written = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _named = new(StringComparer.Ordinal);
    private readonly SftpRights _rights;
    private readonly Dictionary<string, Task<bool>> _making = new(StringComparer.Ordinal);

    // By connection, so that what ends one concerns no copy of another.
    private readonly ConcurrentDictionary<(SftpSession, string), FolderSync> _syncs = new();

    /// <param name="rights">Gives new folders what they should have; null: as the server's umask says.</param>
    public SftpFolders(SftpRights? rights = null) => _rights = rights ?? new SftpRights(null);

    /// <summary>Folders that copies went to and that were there before: only they can hold what earlier runs left.</summary>
    public IReadOnlyCollection<string> Written => [.. _written.Keys];

    /// <summary>Says that a copy has got its final name.</summary>
    public void Named(string path) => _named.TryAdd(path, true);

    /// <summary>Whether a copy of ours has got this final name: no part of it is needed any more.</summary>
    public bool IsNamed(string path) => _named.ContainsKey(path);

    /// <summary>As <see cref="EnsureAsync"/>, for a folder that gets a copy.</summary>
    public async Task ForWritingAsync(SftpSession session, string folder)
    {
        if (await EnsureAsync(session, folder).ConfigureAwait(false)) _written.TryAdd(folder, true);
    }

    /// <summary>
    /// Makes a folder and those above it that are not there. A symbolic link to a folder counts as one. Copies that need it at the same time share
    /// one try, and none goes on before the new name is durable.
    /// </summary>
    /// <returns>Whether it was there before us.</returns>
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
                // It was another connection's try, and its end is no matter of ours.
            }
            finally
            {
                if (isOurs) Made(folder, making);
            }
        }
    }

    /// <summary>Takes nothing for granted any more: somebody removed a folder.</summary>
    public void Forget()
    {
        lock (_making)
        {
            _known.Clear();
            _making.Clear();
        }
    }

    /// <summary>
    /// Makes the names in a folder durable. Calls that come while one is under way share the next.
    /// </summary>
    /// <returns>False when the server cannot.</returns>
    public Task<bool> SyncAsync(SftpSession session, string folder) =>
        session.Offers("fsync@openssh.com")
            ? _syncs.GetOrAdd((session, folder), _ => new FolderSync()).JoinAsync(session, folder.Length == 0 ? "." : folder)
            : Task.FromResult(false);

    /// <summary>The folder above; empty when there is none to speak of.</summary>
    public static string Above(string path) => path.LastIndexOf('/') switch
    {
        < 0 => "",
        0 => path.Length == 1 ? "" : "/",
        var slash => path[..slash],
    };

    /// <summary>The path of a name in a folder; an empty folder is the one where the server starts.</summary>
    public static string In(string folder, string name) => folder.Length == 0 ? name : $"{folder.TrimEnd('/')}/{name}";

    /// <summary>A file stands where a folder is needed.</summary>
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

        // Another try, from before somebody removed a folder, may just have made it.
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
            // Off the lock, and after the one under way, whatever became of it.
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
                // No part of the protocol, but OpenSSH hands the folder's descriptor to fsync like any other.
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
