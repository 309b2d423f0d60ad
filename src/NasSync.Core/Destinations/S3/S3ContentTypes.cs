using NasSync.Config;

namespace NasSync.Destinations.S3;

/// <summary>
/// The content type of an object by its extension, which browsers and players rely on. The types are those of IANA's registry
/// (www.iana.org/assignments/media-types); where it has none, or one that is not in use (wav, avi, srt), the usual one. HTML and SVG are left out: a
/// bucket that serves as a web site would run what a producer put into them.
/// </summary>
internal static class S3ContentTypes
{
    /// <summary>The type for unknown extensions.</summary>
    public const string Unknown = "application/octet-stream";

    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [".aac"] = "audio/aac",
        [".aif"] = "audio/aiff",
        [".aiff"] = "audio/aiff",
        [".flac"] = "audio/flac", // RFC 9639
        [".m4a"] = "audio/mp4", // RFC 4337
        [".m4b"] = "audio/mp4",
        [".mid"] = "audio/midi",
        [".midi"] = "audio/midi",
        [".mka"] = "audio/matroska", // RFC 9559
        [".mp3"] = "audio/mpeg", // RFC 3003
        [".oga"] = "audio/ogg", // RFC 5334
        [".ogg"] = "audio/ogg",
        [".opus"] = "audio/ogg", // RFC 7845; audio/opus is for RTP
        [".wav"] = "audio/wav",
        [".weba"] = "audio/webm",
        [".wma"] = "audio/x-ms-wma",
        [".3gp"] = "video/3gpp", // RFC 3839
        [".avi"] = "video/x-msvideo",
        [".m2ts"] = "video/mp2t",
        [".m4v"] = "video/mp4",
        [".mkv"] = "video/matroska", // RFC 9559
        [".mov"] = "video/quicktime",
        [".mp4"] = "video/mp4", // RFC 4337
        [".mpeg"] = "video/mpeg",
        [".mpg"] = "video/mpeg",
        [".ogv"] = "video/ogg", // RFC 5334
        [".ts"] = "video/mp2t", // RFC 3555
        [".webm"] = "video/webm",
        [".wmv"] = "video/x-ms-wmv",
        [".avif"] = "image/avif",
        [".bmp"] = "image/bmp",
        [".gif"] = "image/gif",
        [".heic"] = "image/heic",
        [".jpeg"] = "image/jpeg",
        [".jpg"] = "image/jpeg",
        [".png"] = "image/png",
        [".tif"] = "image/tiff",
        [".tiff"] = "image/tiff",
        [".webp"] = "image/webp", // RFC 9649
        [".ass"] = "text/x-ssa",
        [".csv"] = "text/csv", // RFC 7111
        [".lrc"] = "text/plain",
        [".md"] = "text/markdown", // RFC 7763
        [".nfo"] = "text/plain",
        [".srt"] = "application/x-subrip",
        [".ssa"] = "text/x-ssa",
        [".ttml"] = "application/ttml+xml",
        [".txt"] = "text/plain",
        [".vtt"] = "text/vtt",
        [".json"] = "application/json", // RFC 8259
        [".m3u8"] = "application/vnd.apple.mpegurl", // RFC 8216
        [".mpd"] = "application/dash+xml",
        [".pdf"] = "application/pdf",
        [".xml"] = "application/xml", // RFC 7303
        [".zip"] = "application/zip",
    };

    /// <summary>The type of the object at a path: the configured one, otherwise the usual one.</summary>
    public static string Of(RelativePath path, S3DestinationConfig config)
    {
        var extension = path.Extension;
        return config.ContentTypes.TryGetValue(extension, out var type) || Known.TryGetValue(extension, out type) ? type : Unknown;
    }
}
