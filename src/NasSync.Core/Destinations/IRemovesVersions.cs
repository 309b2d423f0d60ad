namespace NasSync.Destinations;

/// <summary>A destination that may keep what was overwritten or removed.</summary>
internal interface IRemovesVersions
{
    /// <summary>
    /// Removes everything that is kept below a folder that is ours alone, former versions too; what may not be removed stays and is no error.
    /// </summary>
    ValueTask RemoveVersionsAsync(RelativePath folder, CancellationToken cancellationToken);
}
