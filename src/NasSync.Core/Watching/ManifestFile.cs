using NasSync.Manifests;

namespace NasSync.Watching;

/// <summary>Reads a job's manifest from its file without blocking its producer from writing, replacing or removing it.</summary>
public static class ManifestFile
{
    /// <summary>Reads a manifest file.</summary>
    /// <param name="path">The file; a relative path is resolved against the current folder.</param>
    /// <param name="followLinks">True allows the job folder's own name to be a symbolic link, like the setting <c>followJobLinks</c>. The file's name
    /// must never be one.</param>
    /// <param name="limits">The size limits; null uses <see cref="ManifestLimits.Default"/>.</param>
    /// <param name="cancellationToken">Stops reading between two blocks.</param>
    /// <exception cref="FailureException">As <see cref="ManifestReader.Read"/>; also <c>ManifestGone</c> when there is no such file,
    /// <c>EscapesJob</c> when the file or its folder is a symbolic link, and <c>NotAFile</c> when it is a FIFO, socket or device, which is not
    /// opened.</exception>
    public static Manifest Read(string path, bool followLinks = false, ManifestLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var folder = JobFolder.Open(Path.GetFullPath(path), followLinks);
        return folder.Read(limits, cancellationToken);
    }

    /// <summary>Returns the manifest if its folder was opened as the configuration allows.</summary>
    /// <exception cref="FailureException"><c>EscapesJob</c>: the folder is a link, and links are not followed.</exception>
    internal static Manifest Require(Manifest manifest, bool followLinks)
    {
        if (manifest.IsLinked && !followLinks) JobFolder.Open(manifest.Path, followLinks: false).Dispose();
        return manifest;
    }
}
