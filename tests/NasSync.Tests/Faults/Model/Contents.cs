using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NasSync.Tests.Faults.Model;

/// <summary>Contents that tell in messages what they are, and times that are never the same twice.</summary>
/// <param name="beliefs">Learns what each is called.</param>
/// <param name="sizes">In turn; the first is that of the content that several sources have.</param>
internal sealed class Contents(Beliefs beliefs, IReadOnlyList<int> sizes)
{
    private int _version;

    /// <summary>A content that nothing else has.</summary>
    public byte[] Next(string what) => Make(NextLabel(what), sizes[_version % sizes.Count]);

    /// <summary>The content that several sources may have.</summary>
    public byte[] Shared() => Make("what many have", sizes[0]);

    /// <summary>A text that nothing else has.</summary>
    public string NextLabel(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}, version {++_version}");

    /// <summary>Whole seconds, which every place keeps, and long past: what nobody could tell apart is no matter of the program.</summary>
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
