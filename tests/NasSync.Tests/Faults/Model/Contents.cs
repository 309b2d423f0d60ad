using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NasSync.Tests.Faults.Model;

/// <summary>Makes contents that have a name for messages, and times that never repeat.</summary>
/// <param name="beliefs">Receives the names.</param>
/// <param name="sizes">The sizes, used in turn; the first one is also the size of the shared content.</param>
internal sealed class Contents(Beliefs beliefs, IReadOnlyList<int> sizes)
{
    private int _version;

    /// <summary>A new, unique content.</summary>
    public byte[] Next(string what) => Make(NextLabel(what), sizes[_version % sizes.Count]);

    /// <summary>The content that several sources may have.</summary>
    public byte[] Shared() => Make("what many have", sizes[0]);

    /// <summary>A new, unique text.</summary>
    public string NextLabel(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}, version {++_version}");

    /// <summary>
    /// A new, unique time. It is in whole seconds, which every place stores exactly, and long past, since the program need not tell apart changes
    /// within the same second of now.
    /// </summary>
    public DateTime NextTime() => new DateTime(2026, 1, 14, 0, 0, 0, DateTimeKind.Utc).AddSeconds(++_version);

    /// <summary>SHA-256 as the program writes it.</summary>
    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private byte[] Make(string label, int size)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(label));
        var content = new byte[size];
        new Random(BitConverter.ToInt32(seed)).NextBytes(content);
        seed.CopyTo(content, 0);
        beliefs.Call(Sha256(content), label);
        return content;
    }
}
