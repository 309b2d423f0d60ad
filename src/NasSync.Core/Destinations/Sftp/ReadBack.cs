using System.Security.Cryptography;

namespace NasSync.Destinations.Sftp;

/// <summary>Reads a file back from the server with many requests in flight, and hashes it.</summary>
internal static class ReadBack
{
    private const int Ahead = 4 * 1024 * 1024;

    /// <summary>SHA-256 of the open file's first <paramref name="size"/> bytes, lower-case hex; null when the file is shorter.</summary>
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

            // A server may return less than requested; the rest is requested separately, before the next block is hashed.
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
    /// SHA-256 of the open file if it has exactly <paramref name="size"/> bytes, which must fit in one answer with a byte to spare; null when it has
    /// another size, or when the answer leaves this open. Requests one byte more, so that the answer also shows the end and no separate stat is
    /// needed.
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
