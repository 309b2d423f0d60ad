namespace NasSync.Destinations;

/// <summary>A destination with real folders, which remain when their last file is gone.</summary>
internal interface IRemovesFolders
{
    /// <summary>Removes an empty folder; a missing folder or one with entries is left alone and is no error.</summary>
    ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken);
}
