using NasSync.Manifests;

namespace NasSync.Watching;

/// <summary>Reads a job's manifest from its file without keeping its producer from writing, replacing or removing it.</summary>
public static class ManifestFile
{
    /// <summary>Reads a manifest file.</summary>
    /// <param name="path">The file; a relative path counts from the current folder.</param>
    /// <param name="followLinks">
    /// True: the job folder's own name may be a symbolic link, as <c>followJobLinks</c> of the configuration says. The file's name never may.
    /// </param>
    /// <param name="limits">How large it may be; null takes <see cref="ManifestLimits.Default"/>.</param>
    /// <param name="cancellationToken">Stops the reading between two blocks.</param>
    /// <exception cref="FailureException">
    /// As <see cref="ManifestReader.Read"/>; and <c>ManifestGone</c> when there is no such file, <c>EscapesJob</c> when the file or its folder is a
    /// symbolic link, <c>NotAFile</c> when it is a FIFO, socket or device, which is not opened.
    /// </exception>
    public static Manifest Read(string path, bool followLinks = false, ManifestLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var folder = JobFolder.Open(Path.GetFullPath(path), followLinks);
        return folder.Read(limits, cancellationToken);
    }

    /// <summary>The same manifest, if its folder was opened as a configuration allows it.</summary>
    /// <exception cref="FailureException"><c>EscapesJob</c>: the folder is a link, and links are not followed here.</exception>
    internal static Manifest Require(Manifest manifest, bool followLinks)
    {
        if (manifest.IsLinked && !followLinks) JobFolder.Open(manifest.Path, followLinks: false).Dispose();
        return manifest;
    }
}
