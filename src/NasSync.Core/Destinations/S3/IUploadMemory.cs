namespace NasSync.Destinations.S3;

/// <summary>
/// Remembers, for one destination and across runs, which multipart uploads are on their way, so that a broken-off one is resumed and a forgotten
/// one is told from a stranger's: servers do not show the metadata of an unfinished upload. May be called from any thread.
/// </summary>
internal interface IUploadMemory
{
    /// <summary>The upload of this content to this key; null when none is on its way, or its name was never heard.</summary>
    string? Find(string key, string fingerprint);

    /// <summary>Keeps an upload; one of the same content and key is replaced.</summary>
    void Remember(PendingUpload upload);

    /// <summary>Drops an upload; an unknown one is no error.</summary>
    void Forget(string key, string uploadId);

    /// <summary>Every upload that is remembered.</summary>
    IReadOnlyCollection<PendingUpload> All();
}

/// <summary>A multipart upload on its way.</summary>
/// <param name="Key">The object's whole key.</param>
/// <param name="Fingerprint">Which content it is.</param>
/// <param name="UploadId">The server's name for it.</param>
internal sealed record PendingUpload(string Key, string Fingerprint, string UploadId)
{
    /// <summary>In place of a name: the upload is about to begin.</summary>
    public const string NotNamedYet = "";
}
