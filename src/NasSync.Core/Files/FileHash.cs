using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>SHA-256 of whole files, as lower-case hex.</summary>
internal static class FileHash
{
    private const int BlockBytes = 512 * 1024;

    /// <summary>Hashes the file as read through the page cache.</summary>
    public static string Of(SafeFileHandle file, CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            long offset = 0;
            for (int read; (read = RandomAccess.Read(file, buffer.AsSpan(0, BlockBytes), offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return Hex(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Drops the file from this machine's page cache first, so that the hash covers what the medium holds. Only flushed content can be dropped.
    /// </summary>
    public static string FromMedium(SafeFileHandle file, CancellationToken cancellationToken = default)
    {
        OpenFiles.DropCache(file);
        return Of(file, cancellationToken);
    }

    public static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexString(hash).ToLowerInvariant();
}
