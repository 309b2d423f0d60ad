using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Transfers;

/// <summary>A job folder as the place of sources: its errors name the artifact and say what a producer or admin can do.</summary>
internal sealed class SourceFolder : IDisposable
{
    private readonly SafeRoot _root;
    private readonly Manifest _manifest;

    private SourceFolder(SafeRoot root, Manifest manifest) => (_root, _manifest) = (root, manifest);

    /// <summary>Holds the folder of a manifest.</summary>
    public static SourceFolder Open(Manifest manifest)
    {
        try
        {
            return new SourceFolder(SafeRoot.Open(manifest.Folder), manifest);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FailureException(
                new Failure(FailureClass.Gone, "JobGone", $"The job folder {manifest.Folder} is gone.", "Nothing to do if the producer removed it on purpose."), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "open", manifest.Folder), e);
        }
    }

    /// <summary>The source as it is now.</summary>
    public FileState Stat(Artifact artifact) => Guard("look at", artifact, () =>
    {
        if (_root.Stat(artifact.Path) is not { } stat) throw Gone(artifact, null);
        if (stat.Kind == FileKind.Regular) return stat.State;
        // Opening is what tells apart the cases and words them.
        using var _ = _root.OpenRead(artifact.Path, out var opened);
        return opened.State;
    });

    /// <summary>Opens the source; never waits.</summary>
    public SafeFileHandle OpenRead(Artifact artifact, out FileStat stat)
    {
        var found = default(FileStat);
        var handle = Guard("open", artifact, () => _root.OpenRead(artifact.Path, out found));
        stat = found;
        return handle;
    }

    /// <summary>SHA-256 of the source.</summary>
    public string Hash(Artifact artifact) => Guard("read", artifact, () =>
    {
        using var file = _root.OpenRead(artifact.Path, out _);
        return FileHash.Of(file);
    });

    /// <summary>Removes the source if it is still what was copied, and is not the very file that a copy is.</summary>
    /// <returns>True when it was removed.</returns>
    public bool Release(Artifact artifact, FileState copied, IEnumerable<FileState?> copies) => Guard("remove", artifact, () =>
    {
        if (_root.Stat(artifact.Path) is not { Kind: FileKind.Regular } found || found.State != copied) return false;
        if (copies.Any(copy => copy is { Inode: not 0 } c && c.Inode == copied.Inode && c.Device == copied.Device)) return false;
        using var folder = _root.OpenFolder(artifact.Path.Parent, create: false);
        if (folder.Stat(artifact.Path.FileName) is not { Kind: FileKind.Regular } named || named.State != copied) return false;
        folder.Unlink(artifact.Path.FileName);
        folder.Fsync();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private T Guard<T>(string operation, Artifact artifact, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (FileNotFoundException e)
        {
            throw Gone(artifact, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, $"{_manifest.Folder}/{artifact.Path}"), e);
        }
    }

    private FailureException Gone(Artifact artifact, Exception? cause) => new(
        new Failure(
            FailureClass.Gone,
            "SourceGone",
            $"'{artifact.Path}' of job '{_manifest.JobId}' is not there.",
            "Let the producer write the file before its manifest, or remove it from the manifest."),
        cause);
}
