using System.Collections.Concurrent;

namespace NasSync.Destinations.Sftp;

/// <summary>Folders on the server: made when they are needed, and made durable together when many files come at once.</summary>
internal sealed class SftpFolders
{
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FolderSync> _syncs = new(StringComparer.Ordinal);

    /// <summary>Makes a folder and those above it that are not there. A symbolic link to a folder counts as one.</summary>
    public async Task EnsureAsync(SftpSession session, string folder)
    {
        if (folder.Length == 0 || _known.ContainsKey(folder)) return;
        if (await session.StatAsync(folder).ConfigureAwait(false) is { } found)
        {
            Check(folder, found);
        }
        else
        {
            var above = Above(folder);
            await EnsureAsync(session, above).ConfigureAwait(false);
            try
            {
                await session.MkDirAsync(folder).ConfigureAwait(false);
                await SyncAsync(session, above).ConfigureAwait(false);
            }
            catch (SftpStatusException) when (_known.ContainsKey(folder))
            {
                // Another file of ours needed it at the same time.
            }
            catch (SftpStatusException)
            {
                if (await session.StatAsync(folder).ConfigureAwait(false) is not { } made) throw;
                Check(folder, made);
            }
        }

        _known[folder] = true;
    }

    /// <summary>Takes nothing for granted any more: somebody removed a folder.</summary>
    public void Forget() => _known.Clear();

    /// <summary>
    /// Makes the names in a folder durable. Calls that come while one is under way share the next.
    /// </summary>
    /// <returns>False when the server cannot.</returns>
    public Task<bool> SyncAsync(SftpSession session, string folder) =>
        session.Offers("fsync@openssh.com") ? _syncs.GetOrAdd(folder, _ => new FolderSync()).JoinAsync(session, folder.Length == 0 ? "." : folder) : Task.FromResult(false);

    /// <summary>The folder above; empty when there is none to speak of.</summary>
    public static string Above(string path) => path.LastIndexOf('/') switch
    {
        < 0 => "",
        0 => path.Length == 1 ? "" : "/",
        var slash => path[..slash],
    };

    /// <summary>A file stands where a folder is needed.</summary>
    public static Failure NotAFolder(string folder) => new(
        FailureClass.Conflict,
        "NotAFolder",
        $"A file stands where the folder {Failure.Quote(folder)} is needed.",
        "Rename or remove it, or choose another target.");

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
