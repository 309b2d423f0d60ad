using NasSync.Processes;

namespace NasSync.Destinations.Sftp;

/// <summary>The final name is taken by something that may not be replaced.</summary>
internal sealed class SftpTakenException(string target) : Exception($"{target} is taken");

/// <summary>Gives a finished part its final name, by the strongest way the server has. What may not be replaced stays as it is.</summary>
internal sealed class SftpNaming(SftpSession session, string part, string target)
{
    /// <summary>Done when the name the part had is gone too; that it is not is only untidy.</summary>
    public Task<bool> Tidied { get; private set; } = Task.FromResult(true);

    /// <summary>Gives the name.</summary>
    /// <param name="replaces">What stands there and may be replaced; null: nothing may stand there.</param>
    /// <exception cref="SftpTakenException">Something else stands there; the part is still there.</exception>
    public async Task GiveAsync(FileState? replaces)
    {
        if (replaces is not { } expected || await session.LStatAsync(target).ConfigureAwait(false) is not { } found)
        {
            await CreateAsync().ConfigureAwait(false);
            return;
        }

        // Seconds are all that SFTP tells of a time; the caller may know it more precisely.
        if (!found.IsFile || found.Size != expected.Size || found.Mtime != expected.MtimeNs / 1_000_000_000) throw new SftpTakenException(target);
        if (session.Offers("posix-rename@openssh.com"))
        {
            await session.PosixRenameAsync(part, target).ConfigureAwait(false);
            return;
        }

        // Not in one step: when the connection breaks in between, the whole content waits in the part and the next try only names it.
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

        // No links here, or the name is taken.
        // Version 3 has a rename fail on a taken name, but some servers replace: look first, so that only a race is left.
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
