using System.Text;

namespace NasSync.Files;

/// <summary>
/// Names that are no UTF-8. The runtime shows them with U+FFFD in place of what it cannot read, and nothing is found by such a name.
/// </summary>
internal static class UnreadableNames
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether a name may be one of them. A name may also hold that very character.</summary>
    public static bool MayBe(ReadOnlySpan<char> name) => name.Contains('\uFFFD');

    /// <summary>Those in a folder, with each byte that is no printable ASCII as <c>\xNN</c>; none where the system has no such names.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        if (!OperatingSystem.IsLinux()) return [];
        try
        {
            using var open = Libc.OpenFolder(folder);
            return [.. Libc.RawNames(open).Where(name => !IsText(name)).Select(Escaped).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsText(byte[] name)
    {
        try
        {
            _ = Strict.GetCharCount(name);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Escaped(byte[] name) =>
        string.Concat(name.Select(b => b is > 0x20 and < 0x7F and not (byte)'\\' ? ((char)b).ToString() : $"\\x{b:x2}"));
}
