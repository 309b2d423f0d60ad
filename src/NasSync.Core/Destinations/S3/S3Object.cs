using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>An object as the server describes it.</summary>
/// <param name="State">Size and modification time; the time from the metadata, otherwise the server's own.</param>
/// <param name="ETag">The entity tag without quotes.</param>
/// <param name="Id">Our hash of its fingerprint; null when the object is not ours.</param>
/// <param name="IsTemporary">Whether it bears our mark of an object on its way to another key.</param>
internal sealed record S3Object(FileState State, string ETag, string? Id, bool IsTemporary)
{
    /// <summary>Reads the answer to a HEAD.</summary>
    public static S3Object Of(GetObjectMetadataResponse head) => new(
        new FileState(head.ContentLength, S3Metadata.ParseMtime(head.Metadata[S3Metadata.Mtime]) ?? Nanoseconds(head.LastModified), 0, 0),
        Bare(head.ETag),
        head.Metadata[S3Metadata.Id],
        head.Metadata[S3Metadata.Temporary] is not null);

    /// <summary>A server's time in nanoseconds since 1970; 0 when there is none.</summary>
    public static long Nanoseconds(DateTime? time) => time is { } known ? (known.ToUniversalTime() - DateTime.UnixEpoch).Ticks * 100 : 0;

    /// <summary>An entity tag without its quotes.</summary>
    public static string Bare(string? etag) => etag?.Trim('"') ?? "";
}
