using System.Text;

namespace NasSync.Files;

/// <summary>
/// File names that are not valid UTF-8. The runtime replaces the invalid bytes with U+FFFD, and no file can be found by such a name.
/// </summary>
internal static class UnreadableNames
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether a name may be one of them; a valid name may also contain U+FFFD.</summary>
    public static bool MayBe(ReadOnlySpan<char> name) => name.Contains('\uFFFD');

    /// <summary>Such names in a folder, with each byte that is not printable ASCII as <c>\xNN</c>; empty where the platform has none.</summary>
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
