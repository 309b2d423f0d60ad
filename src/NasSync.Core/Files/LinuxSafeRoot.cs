using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// A root whose paths the kernel resolves. Where <c>openat2</c> is missing or forbidden, the components are opened one by one without following
/// links.
/// </summary>
internal sealed class LinuxSafeRoot : SafeRoot
{
    // Mode 0777; the process's umask removes bits.
    private const int AnyMode = 0x1FF;

    private readonly SafeFileHandle _root;
    private (ulong Device, ulong Inode)? _numbers;
    private bool? _isShared;

    private LinuxSafeRoot(string fullPath, SafeFileHandle root)
        : base(fullPath) => _root = root;

    /// <summary>Set by tests to use the fallback for kernels before 5.6 and containers that forbid openat2.</summary>
    internal bool WithoutOpenat2 { get; init; }

    public static LinuxSafeRoot OpenAt(string fullPath, bool withoutOpenat2 = false) =>
        new(fullPath, Libc.OpenFolder(fullPath)) { WithoutOpenat2 = withoutOpenat2 };

    /// <inheritdoc cref="SafeRoot.OpenItself"/>
    public static new LinuxSafeRoot OpenItself(string fullPath, bool mayBeLink)
    {
        // No O_DIRECTORY, so that the opened entry can be examined: with it, the kernel reports a symbolic link as ENOTDIR.
        var root = Libc.OpenUnfollowed(Path.TrimEndingDirectorySeparator(fullPath));
        var stat = OpenFiles.Stat(root);
        if (stat.Kind == FileKind.Folder)
            return new LinuxSafeRoot(fullPath, root) { _numbers = (stat.State.Device, stat.State.Inode) };
        root.Dispose();
        if (stat.Kind != FileKind.Link) throw Libc.Error(Libc.ENOTDIR, "open folder", fullPath);
        return mayBeLink ? new LinuxSafeRoot(fullPath, Libc.OpenFolder(fullPath)) { IsLinked = true } : throw IsLink(fullPath);
    }

    /// <inheritdoc/>
    public override (ulong Device, ulong Inode)? Numbers
    {
        get
        {
            if (_numbers is null && OpenFiles.Stat(_root) is var stat) _numbers = (stat.State.Device, stat.State.Inode);
            return _numbers;
        }
    }

    public override bool IsStillThere() =>
        Libc.StatPath(FullPath) is { } now
            && OpenFiles.Stat(_root) is var held
            && (now.State.Device, now.State.Inode) == (held.State.Device, held.State.Inode);

    public override FileStat? Stat(RelativePath path)
    {
        // A name directly in the root cannot lead out of it unless it is a link, so one stat suffices.
        if (!path.Value.Contains('/') && Libc.TryStatIn(_root, path.Value, out _) is { Kind: not FileKind.Link } named) return named;
        using var handle = Open(path, Libc.O_PATH, out var errno);
        if (handle is not null) return OpenFiles.Stat(handle);
        return errno is Libc.ENOENT or Libc.ENOTDIR ? null : throw Refused(errno, path);
    }

    public override SafeFileHandle OpenRead(RelativePath path, out FileStat stat)
    {
        // O_NONBLOCK: otherwise opening a FIFO for reading would wait for a writer, possibly forever.
        var handle = Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var errno);
        if (handle is null) throw errno == Libc.ENXIO ? NotRegular(path, FileKind.Special) : Refused(errno, path);
        stat = OpenFiles.Stat(handle);
        if (stat.Kind == FileKind.Regular) return handle;
        handle.Dispose();
        throw NotRegular(path, stat.Kind);
    }

    public override SafeFileHandle OpenOwn(string name, out FileStat stat)
    {
        // Stat before opening: opening a device may have side effects.
        if (Libc.StatIn(_root, name) is not { } seen) throw Libc.Error(Libc.ENOENT, "open", $"{FullPath}/{name}");
        RequireOwn(name, seen.Kind);
        var file = Libc.OpenIn(_root, name, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, 0, out var errno);
        if (file is null && errno is Libc.ELOOP or Libc.ENXIO) RequireOwn(name, errno == Libc.ELOOP ? FileKind.Link : FileKind.Special);
        if (file is null) throw Libc.Error(errno, "open", $"{FullPath}/{name}");
        stat = OpenFiles.Stat(file);
        if (stat.Kind == FileKind.Regular) return file;
        file.Dispose();
        RequireOwn(name, stat.Kind);
        throw Libc.Error(Libc.ENOENT, "open", $"{FullPath}/{name}");
    }

    public override Writers WritersOf(RelativePath path, SafeFileHandle file)
    {
        // A lease covers only the writers of this machine.
        _isShared ??= NetworkFileSystem.KindThatChangesUntold(FullPath) is not null;
        return _isShared == true ? Writers.Unknown : Libc.TakeReadLease(file);
    }

    public override bool IsStillUnwritten(SafeFileHandle file) => Libc.HasReadLease(file);

    public override SafeFolder OpenFolder(RelativePath? path, bool create)
    {
        var flags = Libc.O_RDONLY | Libc.O_DIRECTORY;
        if (path is null)
        {
            var root = Libc.OpenIn(_root, ".", flags, 0, out var rootErrno);
            return root is null ? throw Libc.Error(rootErrno, "open folder", FullPath) : new LinuxSafeFolder(root, FullPath);
        }

        var shown = $"{FullPath}/{path}";
        var handle = Open(path, flags, out var errno);
        if (handle is not null) return new LinuxSafeFolder(handle, shown);
        if (errno != Libc.ENOENT || !create) throw Refused(errno, path, folder: true);

        using (var parent = (LinuxSafeFolder)OpenFolder(path.Parent, create: true))
        {
            if (Libc.MakeFolder(parent.Handle, path.FileName, NewFolders?.FolderMode ?? AnyMode)) parent.GiveRights(path.FileName, NewFolders);
            parent.Fsync();
        }

        handle = Open(path, flags, out errno);
        return handle is not null ? new LinuxSafeFolder(handle, shown) : throw Refused(errno, path, folder: true);
    }

    public override void Dispose() => _root.Dispose();

    private SafeFileHandle? Open(RelativePath path, int flags, out int errno)
    {
        if (!WithoutOpenat2)
        {
            var handle = Libc.OpenBeneath(_root, path.Value, flags, 0, out errno);
            if (handle is not null || errno is not (Libc.ENOSYS or Libc.EPERM)) return handle;
        }

        return OpenComponentwise(path, flags, out errno);
    }

    // Stricter than openat2: refuses a link even when it leads to a place below the root.
    private SafeFileHandle? OpenComponentwise(RelativePath path, int flags, out int errno)
    {
        var folder = _root;
        try
        {
            foreach (var component in path.Components.SkipLast(1))
            {
                var next = OpenFolderIn(folder, component, out errno);
                if (next is null) return null;
                if (folder != _root) folder.Dispose();
                folder = next;
            }

            if ((flags & Libc.O_DIRECTORY) != 0)
            {
                using var last = OpenFolderIn(folder, path.FileName, out errno);
                return last is null ? null : Libc.OpenIn(last, ".", flags, 0, out errno);
            }

            var handle = Libc.OpenIn(folder, path.FileName, flags | Libc.O_NOFOLLOW, 0, out errno);
            if (handle is null || (flags & Libc.O_PATH) == 0 || OpenFiles.Stat(handle).Kind != FileKind.Link) return handle;
            handle.Dispose();
            errno = Libc.ELOOP;
            return null;
        }
        finally
        {
            if (folder != _root) folder.Dispose();
        }
    }

    // Opens the entry and then examines the descriptor. With O_DIRECTORY the kernel reports a link as "not a directory", and a later stat of the name
    // may find something else there: a link that was swapped in for a moment would pass for a missing file.
    private static SafeFileHandle? OpenFolderIn(SafeFileHandle folder, string name, out int errno)
    {
        var handle = Libc.OpenIn(folder, name, Libc.O_PATH | Libc.O_NOFOLLOW, 0, out errno);
        if (handle is null) return null;
        var kind = OpenFiles.Stat(handle).Kind;
        if (kind == FileKind.Folder) return handle;
        handle.Dispose();
        errno = kind == FileKind.Link ? Libc.ELOOP : Libc.ENOTDIR;
        return null;
    }

    private Exception Refused(int errno, RelativePath path, bool folder = false) => errno switch
    {
        Libc.EXDEV or Libc.ELOOP => Escapes(path),
        _ => Libc.Error(errno, folder ? "open folder" : "open", $"{FullPath}/{path}"),
    };
}
