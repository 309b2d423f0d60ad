namespace NasSync.Ledgers;

/// <summary>A multipart upload that a later run may finish.</summary>
/// <param name="Key">The object's whole key.</param>
/// <param name="Fingerprint">Which content it is.</param>
/// <param name="UploadId">The server's name for it.</param>
internal sealed record UnfinishedUpload(string Key, string Fingerprint, string UploadId);
