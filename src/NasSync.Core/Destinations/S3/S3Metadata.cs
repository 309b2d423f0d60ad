using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NasSync.Files;

namespace NasSync.Destinations.S3;

/// <summary>
/// What an object carries beside its bytes: the time as rclone writes it, so that rclone sees it too, and what makes our own objects known
/// again. Headers hold ASCII only, so free text is percent-encoded.
/// </summary>
internal static class S3Metadata
{
    /// <summary>Seconds since 1970 with up to nine decimals.</summary>
    public const string Mtime = "mtime";

    /// <summary>SHA-256 as the sender computed it; a help for people, never proof.</summary>
    public const string Sha256 = "nassync-sha256";

    /// <summary>The job and the artifact, percent-encoded.</summary>
    public const string Origin = "nassync-origin";

    /// <summary>Which content it is, hashed: tells whether a request whose answer was lost did its work.</summary>
    public const string Id = "nassync-id";

    /// <summary>The object is on its way to another key, and of no use to anybody once nothing goes on with it.</summary>
    public const string Temporary = "nassync-temporary";

    // All metadata of an object may take 2 KiB.
    private const int LongestOrigin = 1024;

    private const long NsPerSecond = 1_000_000_000;

    /// <summary>The metadata of an object that is about to be written to a key. The hash is null where it is not known yet.</summary>
    public static IEnumerable<KeyValuePair<string, string>> For(WriteRequest request, string key, string? sha256)
    {
        if (key.EndsWith(AtomicFile.PartSuffix, StringComparison.Ordinal)) yield return new(Temporary, "1");
        yield return new(Mtime, MtimeText(request.MtimeNs));
        yield return new(Id, IdOf(request.Fingerprint));
        if (sha256 is not null) yield return new(Sha256, sha256);
        if (request.Origin is { } origin && Uri.EscapeDataString(origin) is var text) yield return new(Origin, Shortened(text));
    }

    /// <summary>The identity of a content.</summary>
    public static string IdOf(string fingerprint) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)).AsSpan(0, 16)).ToLowerInvariant();

    /// <summary>A time as rclone writes it.</summary>
    public static string MtimeText(long ns)
    {
        var sign = ns < 0 ? "-" : "";
        var seconds = decimal.Abs(ns) / NsPerSecond;
        return sign + seconds.ToString("0.#########", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a time; null when the text is none that fits.</summary>
    public static long? ParseMtime(string? text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return null;
        return decimal.Abs(seconds) < long.MaxValue / NsPerSecond ? (long)(seconds * NsPerSecond) : null;
    }

    // Never in the middle of an escape.
    private static string Shortened(string text)
    {
        if (text.Length <= LongestOrigin) return text;
        var end = LongestOrigin;
        while (text.LastIndexOf('%', end - 1, 2) >= 0) end--;
        return text[..end];
    }
}
