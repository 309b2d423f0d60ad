namespace NasSync.Destinations;

/// <summary>A destination that has folders of their own, which stay when their last file is gone.</summary>
internal interface IRemovesFolders
{
    /// <summary>Removes a folder that is empty; one that is missing, or not empty, stays as it is and is no error.</summary>
    ValueTask RemoveEmptyFolderAsync(RelativePath folder, CancellationToken cancellationToken);
}
