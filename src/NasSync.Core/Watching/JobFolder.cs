using Microsoft.Win32.SafeHandles;
using NasSync.Files;
using NasSync.Manifests;

namespace NasSync.Watching;

/// <summary>
/// The folder of a manifest, opened once, so that the manifest and its artifacts are read through the same handle. Neither the folder's own name nor
/// the manifest's may be a symbolic link, because a producer could point it at files that only NasSync may read.
/// </summary>
internal sealed class JobFolder : IDisposable
{
    private readonly string _manifestPath;

    private JobFolder(string manifestPath, SafeRoot root) => (_manifestPath, Root) = (manifestPath, root);

    /// <summary>The folder.</summary>
    public SafeRoot Root { get; }

    /// <summary>Opens the folder of a manifest.</summary>
    /// <param name="manifestPath">The manifest's full path.</param>
    /// <param name="followLinks">True allows the folder's name to be a link.</param>
    /// <exception cref="FailureException"><c>EscapesJob</c>, <c>ManifestGone</c> or <c>ManifestUnreadable</c>.</exception>
    public static JobFolder Open(string manifestPath, bool followLinks) =>
        Guard(manifestPath, () => new JobFolder(manifestPath, SafeRoot.OpenItself(Path.GetDirectoryName(manifestPath) ?? manifestPath, followLinks)));

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="FailureException">As <see cref="ManifestFile.Read"/>.</exception>
    public Manifest Read(ManifestLimits? limits, CancellationToken cancellationToken) => Guard(_manifestPath, () =>
    {
        using var file = Open(out var size);
        if (size == 0) throw ManifestFailure.Incomplete(_manifestPath, TextPosition.Start, "The manifest is empty");
        using var stream = new FileStream(file, FileAccess.Read, bufferSize: 0);
        return ManifestReader.Read(stream, _manifestPath, limits, cancellationToken) with { FolderNumbers = Root.Numbers, IsLinked = Root.IsLinked };
    });

    /// <inheritdoc/>
    public void Dispose() => Root.Dispose();

    private SafeFileHandle Open(out long size)
    {
        // A folder gets an error of its own: usually the user meant the job folder.
        try
        {
            var file = Root.OpenOwn(Path.GetFileName(_manifestPath), out var stat);
            size = stat.State.Size;
            return file;
        }
        catch (FailureException e) when (e.Failure.Code == "NotAFile" && Directory.Exists(_manifestPath))
        {
            throw ManifestFailure.NoFile(_manifestPath);
        }
    }

    private static T Guard<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: Libc.ENOTDIR })
        {
            throw ManifestFailure.Gone(path, e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException { HResult: Libc.EACCES or Libc.EPERM })
        {
            throw ManifestFailure.Unreadable(path, FailureClass.Permission, e);
        }
        catch (IOException e)
        {
            throw ManifestFailure.Unreadable(path, FailureClass.Transient, e);
        }
    }
}
