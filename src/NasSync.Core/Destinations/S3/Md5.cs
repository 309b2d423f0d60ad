using System.Security.Cryptography;

namespace NasSync.Destinations.S3;

/// <summary>The checksum that S3 servers compare on arrival. It guards against accidents only; the SHA-256 guards against tampering.</summary>
internal static class Md5
{
#pragma warning disable CA5351 // The protocol's own checksum, no means of security.
    /// <summary>The MD5 of some bytes.</summary>
    public static byte[] Of(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    /// <summary>Lower-case hex, as in entity tags.</summary>
    public static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexString(hash).ToLowerInvariant();
}
