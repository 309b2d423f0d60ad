namespace NasSync.Destinations;

/// <summary>A destination that may keep old versions of overwritten or removed files.</summary>
internal interface IRemovesVersions
{
    /// <summary>
    /// Removes everything below a folder that belongs to us alone, including old versions; leaves what it may not remove, without an error.
    /// </summary>
    ValueTask RemoveVersionsAsync(RelativePath folder, CancellationToken cancellationToken);
}
