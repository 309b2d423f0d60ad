namespace NasSync.Ledgers;

/// <summary>A multipart upload that a later run may complete.</summary>
/// <param name="Key">The object's full key.</param>
/// <param name="Fingerprint">Identifies the content.</param>
/// <param name="UploadId">The server's id of the upload.</param>
internal sealed record UnfinishedUpload(string Key, string Fingerprint, string UploadId);
