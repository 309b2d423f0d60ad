using System.Security.Cryptography;

namespace NasSync.Destinations.Contract;

/// <summary>Content for the cases: the same seed gives the same bytes, and neither compression nor deduplication can shrink them.</summary>
internal static class ContractContent
{
    /// <summary>Pseudo-random bytes.</summary>
    public static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        var state = unchecked((ulong)seed * 0x9E3779B97F4A7C15) | 1;
        for (var i = 0; i < size; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = (byte)(state >> 32);
        }

        return bytes;
    }

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Sha256(byte[] content) => Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();
}
