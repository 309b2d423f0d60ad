using Microsoft.Win32.SafeHandles;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Planning;
using NasSync.Watching;

namespace NasSync.Transfers;

/// <summary>Reads the sources in a job folder. Its errors name the artifact and say what a producer or an admin can do.</summary>
internal sealed class SourceFolder : IDisposable
{
    /// <summary>The code of the failure when a job folder is missing or was replaced.</summary>
    public const string JobGoneCode = "JobGone";

    private readonly SafeRoot _root;
    private readonly Manifest _manifest;
    private readonly bool _refuseHardLinks;

    private SourceFolder(SafeRoot root, Manifest manifest, bool refuseHardLinks) =>
        (_root, _manifest, _refuseHardLinks) = (root, manifest, refuseHardLinks);

    /// <summary>
    /// Opens the folder of a manifest: the same folder from which the manifest was read, or one that now contains the same manifest. Any other
    /// folder of that name is not read. A link is followed only if the manifest was read through one.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="refuseHardLinks">Whether to refuse hard links: a producer may have linked a file that it must not read itself.</param>
    public static SourceFolder Open(Manifest manifest, bool refuseHardLinks = false)
    {
        try
        {
            var folder = new SourceFolder(SafeRoot.OpenItself(manifest.Folder, manifest.IsLinked), manifest, refuseHardLinks);
            if (folder.IsThatOfItsManifest()) return folder;
            folder.Dispose();
            throw Replaced(manifest);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FailureException(
                new Failure(
                    FailureClass.Gone,
                    JobGoneCode,
                    $"The job folder {manifest.Folder} is gone.",
                    "Nothing to do if the producer removed it on purpose."),
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "open", manifest.Folder), e);
        }
    }

    /// <summary>The current states of all sources of a manifest, in its order; null for each that cannot be read, for any reason.</summary>
    public static FileState?[] LookAtAll(Manifest manifest, bool refuseHardLinks)
    {
        try
        {
            using var folder = Open(manifest, refuseHardLinks);
            return folder.LookAtAll();
        }
        catch (FailureException)
        {
            // The planner will look again and report the error.
            return new FileState?[manifest.Artifacts.Count];
        }
    }

    /// <summary>As <see cref="LookAtAll(Manifest, bool)"/>, in a folder that is already open and stays open.</summary>
    public static FileState?[] LookAtAll(JobFolder folder, Manifest manifest, bool refuseHardLinks) =>
        new SourceFolder(folder.Root, manifest, refuseHardLinks).LookAtAll();

    /// <summary>The current state of a source.</summary>
    public FileState Stat(Artifact artifact)
    {
        // Not through Guard, to avoid allocating a closure for each artifact of each run.
        try
        {
            if (_root.Stat(artifact.RelativePath) is not { } stat) throw Gone(artifact, null);
            _root.RequireRegular(artifact.RelativePath, stat);
            RequireOneName(artifact, stat);
            RequireTime(artifact, stat);
            return stat.State;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translated(e, "look at", artifact);
        }
    }

    private FileState?[] LookAtAll()
    {
        var seen = new FileState?[_manifest.Artifacts.Count];
        for (var i = 0; i < seen.Length; i++)
        {
            // One missing source shows that this manifest needs a full plan, so stop here.
            if (TryStat(_manifest.Artifacts[i]) is not { } state) break;
            seen[i] = state;
        }

        return seen;
    }

    private FileState? TryStat(Artifact artifact)
    {
        try
        {
            return _root.Stat(artifact.RelativePath) is { Kind: FileKind.Regular } stat && !(_refuseHardLinks && stat.Links > 1) ? stat.State : null;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The current state of the manifest's file; null when it is missing or not a regular file.</summary>
    public FileState? StatManifest()
    {
        try
        {
            return RelativePath.TryParse(Path.GetFileName(_manifest.Path), out var name, out _) && _root.Stat(name) is { Kind: FileKind.Regular } stat
                ? stat.State
                : null;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // On a network file system a folder's inode number may change at every look; then only the content of the manifest decides.
    private bool IsThatOfItsManifest() => _manifest.FolderNumbers is not { } numbers || _root.Numbers == numbers || HoldsItsManifest();

    /// <summary>Whether the manifest's file still has the bytes that were read.</summary>
    public bool HoldsItsManifest()
    {
        try
        {
            using var file = _root.OpenOwn(Path.GetFileName(_manifest.Path), out _);
            return FileHash.Of(file) == _manifest.Generation;
        }
        catch (Exception e) when (e is FailureException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens the source, without ever blocking (on a named pipe, say).</summary>
    public SafeFileHandle OpenRead(Artifact artifact, out FileStat stat)
    {
        var found = default(FileStat);
        var handle = Guard("open", artifact, () => _root.OpenRead(artifact.RelativePath, out found));
        try
        {
            RequireOneName(artifact, found);
            RequireTime(artifact, found);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        stat = found;
        return handle;
    }

    /// <summary>SHA-256 of the source.</summary>
    public string Hash(Artifact artifact, CancellationToken cancellationToken) => Guard("read", artifact, () =>
    {
        using var file = OpenRead(artifact, out _);
        return FileHash.Of(file, cancellationToken);
    });

    /// <summary>Whether someone has the source open for writing now.</summary>
    public Writers WritersOf(Artifact artifact) => Guard("look at", artifact, () =>
    {
        using var file = _root.OpenRead(artifact.RelativePath, out _);
        return _root.WritersOf(artifact.RelativePath, file);
    });

    /// <summary>
    /// Removes the source if it is still what was copied, is not the same file as a copy, and is known to be finished or has no writer. It is kept
    /// open meanwhile, so that all checks concern the same file.
    /// </summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="copied">The state of the source when it was copied.</param>
    /// <param name="sha256">The hash of the copied content; null when it was not read.</param>
    /// <param name="copies">The current states of the copies.</param>
    /// <param name="isFinished">Whether the source counts as finished without a check for writers.</param>
    /// <exception cref="FailureException">It cannot be removed, or it is in the folder of another job.</exception>
    public SourceRelease Release(
        Artifact artifact,
        FileState copied,
        string? sha256,
        IEnumerable<FileState?> copies,
        bool isFinished) => Guard("remove", artifact, () =>
    {
        RequireOwn(artifact);
        if (_root.Stat(artifact.RelativePath) is not { Kind: FileKind.Regular } found || found.State != copied) return SourceRelease.Kept;
        if (copies.Any(copy => copy is { Inode: not 0 } c && c.Inode == copied.Inode && c.Device == copied.Device)) return SourceRelease.Kept;
        using var file = _root.OpenRead(artifact.RelativePath, out var opened);
        var writers = _root.WritersOf(artifact.RelativePath, file);
        if (!isFinished && writers != Writers.None) return writers == Writers.Some ? SourceRelease.StillWritten : SourceRelease.Unknown;
        if (opened.State != copied || !new SourceProof(file, copied).Holds(sha256, CancellationToken.None)) return SourceRelease.Kept;
        var last = OpenFiles.Stat(file).State;
        using var folder = _root.OpenFolder(artifact.RelativePath.Parent, create: false);
        if (folder.Stat(artifact.RelativePath.FileName) is not { Kind: FileKind.Regular } named
            || named.State != copied
            || named.State.IsTouchedSince(last))
            return SourceRelease.Kept;
        if (writers == Writers.None && !_root.IsStillUnwritten(file)) return SourceRelease.StillWritten;
        folder.Unlink(artifact.RelativePath.FileName);
        folder.Fsync();
        return SourceRelease.Removed;
    });

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static FailureException Replaced(Manifest manifest) => new(new Failure(
        FailureClass.Gone,
        JobGoneCode,
        $"The job folder {manifest.Folder} is another one than its manifest was read from; nothing was read from it.",
        "Nothing to do if the producer put it there on purpose: the next run reads what is there then."));

    // A folder with its own manifest is another job, whose routes may send the file elsewhere.
    private void RequireOwn(Artifact artifact)
    {
        for (var folder = artifact.RelativePath.Parent; folder is not null; folder = folder.Parent)
        {
            if (_root.Stat(folder.Combine(RelativePath.Parse(ManifestFinder.FileName))) is null) continue;
            throw new FailureException(new Failure(
                FailureClass.Conflict,
                "SourceOfAnotherJob",
                $"'{artifact.Path}' of job '{_manifest.JobId}' was copied, but is not removed: '{folder}' has a manifest of its own.",
                "Let each manifest name files of its own job only, or let the route say release: keep."));
        }
    }

    private void RequireOneName(Artifact artifact, FileStat stat)
    {
        if (!_refuseHardLinks || stat.Links <= 1) return;
        throw new FailureException(new Failure(
            FailureClass.Invalid,
            "HardLinked",
            $"'{artifact.Path}' of job '{_manifest.JobId}' is a hard link: {stat.Links - 1} other "
                + $"{(stat.Links == 2 ? "name leads" : "names lead")} to the same file, and refuseHardLinks is set.",
            "Let the producer write a file of its own; where producers are trusted, set refuseHardLinks to false."));
    }

    // The copy could not have this time. Later runs would see the difference as a change, again and again.
    private void RequireTime(Artifact artifact, FileStat stat)
    {
        if (FileTime.Fits(stat.State.MtimeNs)) return;
        throw new FailureException(new Failure(
            FailureClass.Invalid,
            "TimeOutOfRange",
            $"'{artifact.Path}' of job '{_manifest.JobId}' was changed "
                + $"{(stat.State.MtimeNs > 0 ? "after the year 2262" : "before the year 1678")}, as its file system says; "
                + "such a time cannot be kept.",
            "Give the file a right time (touch), and look at the clock of the machine that made it."));
    }

    private T Guard<T>(string operation, Artifact artifact, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translated(e, operation, artifact);
        }
    }

    private FailureException Translated(Exception e, string operation, Artifact artifact) => e is FileNotFoundException
        ? Gone(artifact, e)
        : new FailureException(SystemFailure.FromException(e, operation, $"{_manifest.Folder}/{artifact.Path}"), e);

    private FailureException Gone(Artifact artifact, Exception? cause) => new(
        new Failure(
            FailureClass.Gone,
            SourceFile.GoneCode,
            $"'{artifact.Path}' of job '{_manifest.JobId}' is not there.",
            "Let the producer write the file before its manifest, or remove it from the manifest."),
        cause);
}
