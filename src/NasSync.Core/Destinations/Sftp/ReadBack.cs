using System.Security.Cryptography;

namespace NasSync.Destinations.Sftp;

/// <summary>Reads a file back from the server, many requests ahead, and hashes it.</summary>
internal static class ReadBack
{
    private const int Ahead = 4 * 1024 * 1024;

    /// <summary>SHA-256 of the open file's first <paramref name="size"/> bytes, lower-case hex; null when it is shorter.</summary>
    public static async Task<string?> HashAsync(SftpSession session, byte[] handle, long size, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var asked = new Queue<(long Offset, int Count, Task<SftpReply?> Reply)>();
        var next = 0L;
        while (next < size || asked.Count > 0)
        {
            while (next < size && asked.Count * (long)session.ReadBytes < Ahead)
            {
                var count = (int)Math.Min(session.ReadBytes, size - next);
                asked.Enqueue((next, count, session.ReadAsync(handle, next, count)));
                next += count;
            }

            var (offset, wanted, reply) = asked.Dequeue();
            var got = await AppendAsync(hash, reply, cancellationToken).ConfigureAwait(false);

            // A server may answer with less than was asked for; the rest is asked for on its own, before what comes behind it.
            while (got > 0 && got < wanted)
            {
                (offset, wanted) = (offset + got, wanted - got);
                got = await AppendAsync(hash, session.ReadAsync(handle, offset, wanted), cancellationToken).ConfigureAwait(false);
            }

            if (got == 0) return null;
        }

        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }

    /// <summary>
    /// SHA-256 of the open file, when it has just <paramref name="size"/> bytes, which must be fewer than one answer holds; null when it has others
    /// or when the server's answer leaves that open. One byte more is asked for, so that the answer tells of the end too and nobody asks for the
    /// size.
    /// </summary>
    public static async Task<string?> HashWholeAsync(SftpSession session, byte[] handle, int size, CancellationToken cancellationToken)
    {
        using var reply = await session.ReadAsync(handle, 0, size + 1).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (reply is null) return null;
        var data = reply.Bytes();
        return data.Length == size ? Convert.ToHexString(SHA256.HashData(data)).ToLowerInvariant() : null;
    }

    private static async Task<int> AppendAsync(IncrementalHash hash, Task<SftpReply?> pending, CancellationToken cancellationToken)
    {
        using var reply = await pending.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (reply is null) return 0;
        var data = reply.Bytes();
        hash.AppendData(data);
        return data.Length;
    }
}
