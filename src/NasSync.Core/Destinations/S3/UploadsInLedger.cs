using NasSync.Ledgers;

namespace NasSync.Destinations.S3;

/// <summary>Remembers unfinished uploads in the ledger, so that the next run resumes them, even after a crash.</summary>
internal sealed class UploadsInLedger(Ledger ledger, string destination) : IUploadMemory
{
    /// <inheritdoc/>
    public string? Find(string key, string fingerprint) =>
        ledger.Uploads(destination)
            .FirstOrDefault(upload => upload.Key == key
                && upload.Fingerprint == fingerprint
                && upload.UploadId != PendingUpload.NotNamedYet)?.UploadId;

    /// <inheritdoc/>
    public void Remember(PendingUpload upload) => ledger.RememberUpload(destination, new(upload.Key, upload.Fingerprint, upload.UploadId));

    /// <inheritdoc/>
    public void Forget(string key, string uploadId) => ledger.ForgetUpload(destination, key, uploadId);

    /// <inheritdoc/>
    public IReadOnlyCollection<PendingUpload> All() =>
        [.. ledger.Uploads(destination).Select(upload => new PendingUpload(upload.Key, upload.Fingerprint, upload.UploadId))];
}
