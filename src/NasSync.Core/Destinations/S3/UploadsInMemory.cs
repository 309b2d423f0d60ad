using System.Collections.Concurrent;

namespace NasSync.Destinations.S3;

/// <summary>Remembers unfinished uploads for the lifetime of the process.</summary>
internal sealed class UploadsInMemory : IUploadMemory
{
    private readonly ConcurrentDictionary<(string Key, string Fingerprint), PendingUpload> _uploads = new();

    /// <inheritdoc/>
    public string? Find(string key, string fingerprint) =>
        _uploads.GetValueOrDefault((key, fingerprint)) is { UploadId: not PendingUpload.NotNamedYet } known ? known.UploadId : null;

    /// <inheritdoc/>
    public void Remember(PendingUpload upload) => _uploads[(upload.Key, upload.Fingerprint)] = upload;

    /// <inheritdoc/>
    public void Forget(string key, string uploadId)
    {
        foreach (var upload in _uploads.Where(pair => pair.Value.Key == key && pair.Value.UploadId == uploadId)) _uploads.TryRemove(upload);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<PendingUpload> All() => [.. _uploads.Values];
}
