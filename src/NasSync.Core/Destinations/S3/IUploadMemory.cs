namespace NasSync.Destinations.S3;

/// <summary>
/// Remembers the unfinished multipart uploads of one destination across runs, so that an interrupted one is resumed and an abandoned one is
/// distinguished from another program's: servers do not show the metadata of an unfinished upload. May be called from any thread.
/// </summary>
internal interface IUploadMemory
{
    /// <summary>The upload of this content to this key; null when there is none, or its id never arrived.</summary>
    string? Find(string key, string fingerprint);

    /// <summary>Stores an upload; replaces one of the same content and key.</summary>
    void Remember(PendingUpload upload);

    /// <summary>Removes an upload; an unknown one is no error.</summary>
    void Forget(string key, string uploadId);

    /// <summary>All remembered uploads.</summary>
    IReadOnlyCollection<PendingUpload> All();
}

/// <summary>An unfinished multipart upload.</summary>
/// <param name="Key">The object's whole key.</param>
/// <param name="Fingerprint">Identifies the content.</param>
/// <param name="UploadId">The server's id for it.</param>
internal sealed record PendingUpload(string Key, string Fingerprint, string UploadId)
{
    /// <summary>Stands for the id of an upload that is about to begin.</summary>
    public const string NotNamedYet = "";
}
