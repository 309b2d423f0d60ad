namespace NasSync.Destinations.Sftp;

/// <summary>Establishes what a file on the server holds: by the host's own hash where that can be trusted, else by reading it back.</summary>
internal sealed class SftpProof(RemoteHash remote)
{
    private const int ComparedStart = 32 * 1024;
    private volatile bool _trusted;

    /// <summary>
    /// From this size on a file is hashed while it comes, in bytes. A smaller one is hashed sooner than a shell of its own is there.
    /// </summary>
    public long FollowFrom { get; set; } = 64 * 1024 * 1024;

    /// <summary>True once the host has hashed a file of ours rightly, so that its shell sees what SFTP sees.</summary>
    public bool IsTrusted => _trusted && !remote.IsUseless;

    /// <summary>A file is on its way and will be asked for: what that takes is prepared meanwhile.</summary>
    /// <returns>For a large one the hash that is computed while it comes, where the host helps; the caller disposes it.</returns>
    public FollowedHash? Prepare(SftpSession session, string path, long size, bool readBack)
    {
        if (readBack || size <= session.ReadBytes) return null;
        if (size >= FollowFrom && remote.TryFollow(path) is { } followed) return followed;
        remote.Warm();
        return null;
    }

    /// <summary>Compares a file with the hash it must have.</summary>
    /// <param name="session">The connection on which it is open.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="expected">The hash, lower-case hex.</param>
    /// <param name="followed">What <see cref="Prepare"/> gave.</param>
    /// <param name="readBack">Nothing but reading it counts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How it was proven; null when it holds something else.</returns>
    public async Task<VerifiedBy?> CheckAsync(
        SftpSession session,
        byte[] handle,
        string path,
        long size,
        string expected,
        FollowedHash? followed,
        bool readBack,
        CancellationToken cancellationToken)
    {
        if (followed is not null && await remote.FinishAsync(followed, size, cancellationToken).ConfigureAwait(false) == expected)
        {
            _trusted = true;
            return VerifiedBy.ServerHash;
        }

        // One packet is read back sooner than a process is started.
        string? told = null;
        var ask = !readBack && size > session.ReadBytes && !remote.IsUseless;
        if (ask) told = await remote.HashAsync(path, size, cancellationToken).ConfigureAwait(false);
        if (told == expected)
        {
            _trusted = true;
            return VerifiedBy.ServerHash;
        }

        // Another answer may mean another tree of files, as under a chroot: only the bytes themselves are evidence against the copy.
        if (await ReadBack.HashAsync(session, handle, size, cancellationToken).ConfigureAwait(false) != expected) return null;
        if (ask) remote.GiveUp();
        return VerifiedBy.ReadBack;
    }

    /// <summary>The hash of an open file, and how it was established; null when it is shorter than it was.</summary>
    public async Task<(string Sha256, VerifiedBy By)?> HashAsync(
        SftpSession session, byte[] handle, string path, long size, CancellationToken cancellationToken)
    {
        if (size > session.ReadBytes && await TrustAsync(session, handle, path, size, cancellationToken).ConfigureAwait(false)
            && await remote.HashAsync(path, size, cancellationToken).ConfigureAwait(false) is { } told)
            return (told, VerifiedBy.ServerHash);
        return await ReadBack.HashAsync(session, handle, size, cancellationToken).ConfigureAwait(false) is { } read
            ? (read, VerifiedBy.ReadBack)
            : null;
    }

    /// <summary>Finds out, with a file whose content is known, whether the host hashes what SFTP shows.</summary>
    public async Task ProbeAsync(string path, long size, string expected, CancellationToken cancellationToken)
    {
        if (await remote.HashAsync(path, size, cancellationToken).ConfigureAwait(false) == expected) _trusted = true;
        else remote.GiveUp();
    }

    // The shell must show a file of this name, size and beginning before it is believed about the rest.
    private async Task<bool> TrustAsync(SftpSession session, byte[] handle, string path, long size, CancellationToken cancellationToken)
    {
        if (IsTrusted || remote.IsUseless) return IsTrusted;
        var start = (int)Math.Min(ComparedStart, size);
        var read = await ReadBack.HashAsync(session, handle, start, cancellationToken).ConfigureAwait(false);
        if (read is not null && await remote.HashStartAsync(path, start, size, cancellationToken).ConfigureAwait(false) == read) _trusted = true;
        else remote.GiveUp();
        return IsTrusted;
    }
}
