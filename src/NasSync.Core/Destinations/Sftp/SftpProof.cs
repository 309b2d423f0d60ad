namespace NasSync.Destinations.Sftp;

/// <summary>Determines the hash of a file on the server: by the host itself where it can be trusted, otherwise by reading the file back.</summary>
internal sealed class SftpProof(RemoteHash remote)
{
    private const int ComparedStart = 32 * 1024;
    private volatile bool _trusted;

    /// <summary>
    /// The size in bytes from which a file is hashed while it is written. A smaller one is hashed before a separate shell would be ready.
    /// </summary>
    public long FollowFrom { get; set; } = 64 * 1024 * 1024;

    /// <summary>Whether the host has hashed one of our files correctly, so that its shell sees the same files as SFTP.</summary>
    public bool IsTrusted => _trusted && !remote.IsUseless;

    /// <summary>Prepares the proof of a file that is about to be written.</summary>
    /// <returns>For a large file, the hash computed while it is written, where the host helps; the caller disposes it.</returns>
    public FollowedHash? Prepare(SftpSession session, string path, long size, bool readBack)
    {
        if (readBack || size <= session.ReadBytes) return null;
        if (size >= FollowFrom && remote.TryFollow(path) is { } followed) return followed;
        remote.Warm();
        return null;
    }

    /// <summary>Compares a file with its expected hash.</summary>
    /// <param name="session">The connection on which the file is open.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="path">Its path.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="expected">The hash, lower-case hex.</param>
    /// <param name="followed">The result of <see cref="Prepare"/>.</param>
    /// <param name="readBack">Only reading the file counts as proof.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>How it was proven; null when the content differs.</returns>
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

        // Reading back one packet is faster than starting a process.
        string? told = null;
        var ask = !readBack && size > session.ReadBytes && !remote.IsUseless;
        if (ask) told = await remote.HashAsync(path, size, cancellationToken).ConfigureAwait(false);
        if (told == expected)
        {
            _trusted = true;
            return VerifiedBy.ServerHash;
        }

        // Another answer may come from another file tree, as under a chroot: only the bytes themselves are evidence against the copy.
        if (await ReadBack.HashAsync(session, handle, size, cancellationToken).ConfigureAwait(false) != expected) return null;
        if (ask) remote.GiveUp();
        return VerifiedBy.ReadBack;
    }

    /// <summary>The hash of an open file, and how it was determined; null when the file is shorter than <paramref name="size"/>.</summary>
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

    /// <summary>Checks with a file of known content whether the host hashes what SFTP shows.</summary>
    public async Task ProbeAsync(string path, long size, string expected, CancellationToken cancellationToken)
    {
        if (await remote.HashAsync(path, size, cancellationToken).ConfigureAwait(false) == expected) _trusted = true;
        else remote.GiveUp();
    }

    // The shell must show a file of this name, size and beginning before its answer about the rest counts.
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
