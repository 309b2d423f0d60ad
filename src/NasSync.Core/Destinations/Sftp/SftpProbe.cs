using System.Security.Cryptography;

namespace NasSync.Destinations.Sftp;

/// <summary>Tests with a small file in the root what the server's greeting does not tell; removes the file again.</summary>
internal sealed class SftpProbe(SftpSession session, SftpProof proof, string root)
{
    /// <summary>Probes; what cannot be tested because the root is missing or not writable counts as unsupported.</summary>
    public async Task<Capabilities> RunAsync(CancellationToken cancellationToken)
    {
        var name = Leftovers.ProbeName();
        var path = root.Length == 0 ? name : $"{root.TrimEnd('/')}/{name}";
        var space = await session.SpaceAsync(root.Length == 0 ? "." : root).ConfigureAwait(false);
        var said = new Capabilities
        {
            AtomicReplace = session.Offers("posix-rename@openssh.com"),
            Fsync = session.Offers("fsync@openssh.com"),
            Resume = true,
            LongestName = space?.LongestName is > 0 and var longest ? longest : null,
            FreeBytes = space?.FreeBytes,
            Server = $"SFTP {session.Version}: {string.Join(", ", session.Extensions.Keys.Order(StringComparer.Ordinal))}",
        };
        try
        {
            return await TryAsync(said, path, path[..^name.Length] + name.ToUpperInvariant(), cancellationToken).ConfigureAwait(false);
        }
        catch (SftpStatusException)
        {
            return said;
        }
    }

    private async Task<Capabilities> TryAsync(Capabilities said, string path, string upperPath, CancellationToken cancellationToken)
    {
        const uint SomeTime = 1_234_567_890;
        var content = RandomNumberGenerator.GetBytes(1024);
        var handle = await session.OpenAsync(path, SftpOpen.Read | SftpOpen.Write | SftpOpen.Create | SftpOpen.Exclusive).ConfigureAwait(false);
        var second = path.Replace(".nassync-probe-", ".nassync-probe2-", StringComparison.Ordinal);
        try
        {
            await (await session.WriteAsync(handle, 0, content, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await RefusedAsync(session.SetMtimeAsync(handle, SomeTime)).ConfigureAwait(false);
            await session.CloseAsync(handle).ConfigureAwait(false);
            await proof.ProbeAsync(
                path,
                content.Length,
                Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant(),
                cancellationToken).ConfigureAwait(false);
            var mtime = (await session.LStatAsync(path).ConfigureAwait(false))?.Mtime == SomeTime;
            return said with
            {
                ServerHash = proof.IsTrusted ? "sha256" : null,
                Mtime = mtime,
                MtimePrecisionNs = mtime ? 1_000_000_000 : null,
                CaseSensitive = await session.LStatAsync(upperPath).ConfigureAwait(false) is null,
                CreateOnly = await KeepsTakenNamesAsync(path, second).ConfigureAwait(false),
            };
        }
        finally
        {
            await RefusedAsync(session.RemoveAsync(path)).ConfigureAwait(false);
            await RefusedAsync(session.RemoveAsync(second)).ConfigureAwait(false);
        }
    }

    private async Task<bool> KeepsTakenNamesAsync(string path, string second)
    {
        if (session.Offers("hardlink@openssh.com") && !await RefusedAsync(session.HardLinkAsync(path, second)).ConfigureAwait(false))
            return await RefusedAsync(session.HardLinkAsync(path, second)).ConfigureAwait(false);
        var other = await session.OpenAsync(second, SftpOpen.Write | SftpOpen.Create | SftpOpen.Exclusive).ConfigureAwait(false);
        await session.CloseAsync(other).ConfigureAwait(false);
        return await RefusedAsync(session.RenameAsync(second, path)).ConfigureAwait(false);
    }

    private static async Task<bool> RefusedAsync(Task request)
    {
        try
        {
            await request.ConfigureAwait(false);
            return false;
        }
        catch (SftpStatusException)
        {
            return true;
        }
    }
}
