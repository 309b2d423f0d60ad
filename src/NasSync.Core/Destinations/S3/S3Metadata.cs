using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NasSync.Files;

namespace NasSync.Destinations.S3;

/// <summary>
/// The metadata of an object: the modification time in rclone's format, so that rclone reads it too, and the marks of our own objects. Headers are
/// ASCII only, so free text is percent-encoded.
/// </summary>
internal static class S3Metadata
{
    /// <summary>Seconds since 1970 with up to nine decimals.</summary>
    public const string Mtime = "mtime";

    /// <summary>SHA-256 as the sender computed it; informative, never a proof.</summary>
    public const string Sha256 = "nassync-sha256";

    /// <summary>Job and artifact, percent-encoded.</summary>
    public const string Origin = "nassync-origin";

    /// <summary>A hash of the fingerprint: shows whether a request whose answer was lost has succeeded.</summary>
    public const string Id = "nassync-id";

    /// <summary>The object is on its way to another key, and useless once nothing continues it.</summary>
    public const string Temporary = "nassync-temporary";

    // S3 limits the metadata of an object to 2 KiB.
    private const int LongestOrigin = 1024;

    private const long NsPerSecond = 1_000_000_000;

    /// <summary>The metadata of a new object. <paramref name="sha256"/> is null when the hash is not known yet.</summary>
    public static IEnumerable<KeyValuePair<string, string>> For(WriteRequest request, string key, string? sha256)
    {
        if (key.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal)) yield return new(Temporary, "1");
        yield return new(Mtime, MtimeText(request.MtimeNs));
        yield return new(Id, IdOf(request.Fingerprint));
        if (sha256 is not null) yield return new(Sha256, sha256);
        if (request.Origin is { } origin && Uri.EscapeDataString(origin) is var text) yield return new(Origin, Shortened(text));
    }

    /// <summary>The hash that identifies a content.</summary>
    public static string IdOf(string fingerprint) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)).AsSpan(0, 16)).ToLowerInvariant();

    /// <summary>A time in rclone's format.</summary>
    public static string MtimeText(long ns)
    {
        var sign = ns < 0 ? "-" : "";
        var seconds = decimal.Abs(ns) / NsPerSecond;
        return sign + seconds.ToString("0.#########", CultureInfo.InvariantCulture);
    }

    /// <summary>Parses a time; null when the text is invalid or out of range.</summary>
    public static long? ParseMtime(string? text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return null;
        return decimal.Abs(seconds) < long.MaxValue / NsPerSecond ? (long)(seconds * NsPerSecond) : null;
    }

    // Never cuts an escape sequence.
    private static string Shortened(string text)
    {
        if (text.Length <= LongestOrigin) return text;
        var end = LongestOrigin;
        while (text.LastIndexOf('%', end - 1, 2) >= 0) end--;
        return text[..end];
    }
}
