using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>The final name belongs to something that may not be replaced.</summary>
internal sealed class SftpTakenException(string target) : Exception($"{target} is taken");

/// <summary>Gives a finished part file its final name by the safest method of the server. What may not be replaced stays unchanged.</summary>
internal sealed class SftpNaming(SftpSession session, string part, string target)
{
    /// <summary>Completes when the part's old name is gone too; false when it remains, which does no harm.</summary>
    public Task<bool> Tidied { get; private set; } = Task.FromResult(true);

    /// <summary>Gives the part file its final name.</summary>
    /// <param name="replaces">The file that may be replaced; null when the final name must be free.</param>
    /// <exception cref="SftpTakenException">Something else has the final name; the part file remains.</exception>
    public async Task GiveAsync(FileState? replaces)
    {
        if (replaces is not { } expected || await session.LStatAsync(target).ConfigureAwait(false) is not { } found)
        {
            await CreateAsync().ConfigureAwait(false);
            return;
        }

        // SFTP has times in whole seconds; the caller's may be more precise.
        if (!found.IsFile || found.Size != expected.Size || found.Mtime != expected.MtimeNs / 1_000_000_000) throw new SftpTakenException(target);
        if (session.Offers("posix-rename@openssh.com"))
        {
            await session.PosixRenameAsync(part, target).ConfigureAwait(false);
            return;
        }

        // This takes two steps: if the connection breaks in between, the part file holds the whole content and the next attempt only renames it.
        await session.RemoveAsync(target).ConfigureAwait(false);
        await CreateAsync().ConfigureAwait(false);
    }

    private async Task CreateAsync()
    {
        if (session.Offers("hardlink@openssh.com") && await AcceptedAsync(session.HardLinkAsync(part, target)).ConfigureAwait(false))
        {
            CrashPoint.Reach(CrashPoint.SftpLinked);
            Tidied = AcceptedAsync(session.RemoveAsync(part));
            return;
        }

        // The server has no hard links, or the name is taken. In version 3 a rename fails on a taken name, but some servers replace the file: check
        // first, so that only a race remains.
        if (await session.LStatAsync(target).ConfigureAwait(false) is not null) throw new SftpTakenException(target);
        try
        {
            await session.RenameAsync(part, target).ConfigureAwait(false);
        }
        catch (SftpStatusException)
        {
            if (await session.LStatAsync(target).ConfigureAwait(false) is not null) throw new SftpTakenException(target);
            throw;
        }
    }

    private static async Task<bool> AcceptedAsync(Task request)
    {
        try
        {
            await request.ConfigureAwait(false);
            return true;
        }
        catch (SftpStatusException)
        {
            return false;
        }
    }
}
