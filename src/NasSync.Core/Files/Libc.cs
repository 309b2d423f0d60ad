using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>
/// Linux system calls that .NET lacks. Every failure is an <see cref="IOException"/> (or its not-found subclasses) with the errno as <c>HResult</c>,
/// like the runtime's own exceptions.
/// </summary>
internal static unsafe partial class Libc
{
    public const int ENOENT = 2, EINTR = 4, EEXIST = 17, EXDEV = 18, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENOTTY = 25;
    public const int EPERM = 1, EACCES = 13, ENXIO = 6, ENOSYS = 38, ELOOP = 40, EOPNOTSUPP = 95, EAGAIN = 11, ENOTEMPTY = 39, EROFS = 30;

    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_APPEND = 0x400, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;
    public static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    public static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;
    public const int O_PATH = 0x200000;

    public const ulong RESOLVE_NO_MAGICLINKS = 0x02, RESOLVE_BENEATH = 0x08;
    public const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200;

    private const uint RENAME_NOREPLACE = 1;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const nuint FICLONE = 0x40049409;
    private const int POSIX_FADV_DONTNEED = 4;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    // openat2 has the same number everywhere; renameat2 does not, and musl has no wrapper for it.
    private const nint SysOpenat2 = 437;
    private static readonly nint SysRenameat2 = IsArm ? 276 : 316;

    /// <summary>Opens a path beneath an open folder; the kernel refuses (EXDEV) any path that leads out of it.</summary>
    /// <returns>The handle, or null with the errno.</returns>
    public static SafeFileHandle? OpenBeneath(SafeFileHandle root, string path, int flags, int mode, out int errno)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | O_CLOEXEC), Mode = (ulong)mode, Resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
        int fd;
        var tries = 0;
        do
        {
            fd = (int)Openat2(SysOpenat2, Fd(root), path, &how, (nuint)sizeof(OpenHow));
            errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        // EAGAIN: a concurrent rename left the kernel unsure whether the path escaped the root; openat2 asks for a retry.
        while (fd < 0 && errno is EINTR or EAGAIN && ++tries < 100);
        GC.KeepAlive(root);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Opens one name in an open folder.</summary>
    public static SafeFileHandle? OpenIn(SafeFileHandle folder, string name, int flags, int mode, out int errno)
    {
        var fd = Openat(Fd(folder), name, flags | O_CLOEXEC, mode);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        GC.KeepAlive(folder);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Opens a file for reading. Does not wait for the writer of a pipe, and does not make a terminal the controlling one.</summary>
    public static SafeFileHandle OpenWithoutWaiting(string fullPath)
    {
        const int noTerminal = 0x100;
        var fd = Openat(AT_FDCWD, fullPath, O_RDONLY | O_NONBLOCK | noTerminal | O_CLOEXEC, 0);
        return fd < 0 ? throw Error(Marshal.GetLastPInvokeError(), "open", fullPath) : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>
    /// Opens a file with <c>O_APPEND</c> and creates it when it is missing. Does not wait for the reader of a pipe, neither here nor in a later write
    /// when the pipe is full.
    /// </summary>
    public static SafeFileHandle OpenAppend(string fullPath)
    {
        var fd = Openat(AT_FDCWD, fullPath, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0x1B6);
        if (fd >= 0) return new SafeFileHandle(fd, ownsHandle: true);
        var errno = Marshal.GetLastPInvokeError();
        throw errno == ENXIO ? new IOException($"'{fullPath}' is a pipe that nobody reads, or a socket", errno) : Error(errno, "open", fullPath);
    }

    public static SafeFileHandle OpenFolder(string fullPath)
    {
        var fd = Openat(AT_FDCWD, fullPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        return fd < 0 ? throw Error(Marshal.GetLastPInvokeError(), "open folder", fullPath) : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>
    /// Opens whatever a path names, even a symbolic link itself, with <c>O_PATH</c>: to stat it, and to reach what is below a folder.
    /// </summary>
    public static SafeFileHandle OpenUnfollowed(string fullPath)
    {
        var fd = Openat(AT_FDCWD, fullPath, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
        return fd < 0 ? throw Error(Marshal.GetLastPInvokeError(), "open folder", fullPath) : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>The type of the file system that holds a path, as the magic number of <c>statfs</c>.</summary>
    public static uint FileSystemMagic(string path)
    {
        // f_type comes first on every architecture, as wide as a register; the rest differs and is not read.
        const int bufferSize = 512;
        var buffer = stackalloc byte[bufferSize];
        int result, errno;
        do
        {
            result = Statfs(path, buffer);
            errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (errno == EINTR);
        return result < 0 ? throw Error(errno, "look at the file system of", path) : (uint)*(nuint*)buffer;
    }

    /// <summary>0 when this process may create entries in a folder, else the errno.</summary>
    public static int WhyNoNamesIn(string folder)
    {
        // AT_EACCESS: checks the effective ids, as real calls do, and not the real ids of whoever started a setuid process.
        const int writeAndSearch = 2 | 1, withOwnRights = 0x200;
        return Faccessat(AT_FDCWD, folder, writeAndSearch, withOwnRights) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    public static FileStat StatHandle(SafeFileHandle file)
    {
        Statx buffer;
        var result = StatxAt(Fd(file), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &buffer);
        var errno = Marshal.GetLastPInvokeError();
        GC.KeepAlive(file);
        return result < 0 ? throw Error(errno, "stat", "the open file") : buffer.ToFileStat();
    }

    /// <summary>Stats a full path and follows links; null when nothing is there.</summary>
    public static FileStat? StatPath(string fullPath)
    {
        Statx buffer;
        if (StatxAt(AT_FDCWD, fullPath, 0, STATX_BASIC_STATS, &buffer) >= 0) return buffer.ToFileStat();
        var errno = Marshal.GetLastPInvokeError();
        return errno is ENOENT or ENOTDIR ? null : throw Error(errno, "stat", fullPath);
    }

    public static FileStat? StatIn(SafeFileHandle folder, string name)
    {
        if (TryStatIn(folder, name, out var errno) is { } found) return found;
        return errno == ENOENT ? null : throw Error(errno, "stat", name);
    }

    /// <summary>Stats a name in an open folder without following links; null with the errno.</summary>
    public static FileStat? TryStatIn(SafeFileHandle folder, string name, out int errno)
    {
        Statx buffer;
        var result = StatxAt(Fd(folder), name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &buffer);
        errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        GC.KeepAlive(folder);
        return result < 0 ? null : buffer.ToFileStat();
    }

    /// <summary>Creates a folder. False when it exists already.</summary>
    public static bool MakeFolder(SafeFileHandle parent, string name, int mode = 0x1FF)
    {
        var isMade = Mkdirat(Fd(parent), name, (uint)mode) == 0;
        if (!isMade && Marshal.GetLastPInvokeError() is var errno && errno != EEXIST) throw Error(errno, "make folder", name);
        GC.KeepAlive(parent);
        return isMade;
    }

    public static void Fsync(SafeFileHandle file)
    {
        while (FsyncFd(Fd(file)) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            // Some network file systems cannot fsync a folder; they commit its entries on the server instead.
            if (errno == EINVAL) return;
            if (errno != EINTR) throw Error(errno, "fsync", "the open file");
        }

        GC.KeepAlive(file);
    }

    public static void SetMtime(SafeFileHandle file, long mtimeNs)
    {
        const long utimeOmit = (1L << 30) - 2;
        const long nsPerSecond = 1_000_000_000;
        var seconds = Math.DivRem(mtimeNs, nsPerSecond, out var rest);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + nsPerSecond);
        var times = stackalloc long[] { 0, utimeOmit, seconds, rest };
        if (Futimens(Fd(file), times) < 0) throw Error(Marshal.GetLastPInvokeError(), "set the modification time of", "the open file");
        GC.KeepAlive(file);
    }

    public static void DropCache(SafeFileHandle file)
    {
        _ = PosixFadvise(Fd(file), 0, 0, POSIX_FADV_DONTNEED);
        GC.KeepAlive(file);
    }

    /// <summary>
    /// Requests a read lease, which the kernel grants only while no process has the file open for writing; the lease lasts until the file is closed
    /// here. A process that opens the file for writing meanwhile waits for that, and the kernel notifies this process with a signal that it ignores.
    /// </summary>
    public static Writers TakeReadLease(SafeFileHandle file)
    {
        const int setSignal = 10, setLease = 1024, readLock = 0, sigUrg = 23;

        // The default signal is SIGIO, which ends a process that does not handle it.
        if (Fcntl(Fd(file), setSignal, sigUrg) < 0) return Writers.Unknown;
        var taken = Fcntl(Fd(file), setLease, readLock) == 0;
        var errno = taken ? 0 : Marshal.GetLastPInvokeError();
        GC.KeepAlive(file);
        return taken ? Writers.None : errno == EAGAIN ? Writers.Some : Writers.Unknown;
    }

    /// <summary>Whether a read lease still stands: no process has tried to open the file for writing since.</summary>
    public static bool HasReadLease(SafeFileHandle file)
    {
        const int getLease = 1025, readLock = 0;
        var kind = Fcntl(Fd(file), getLease, 0);
        GC.KeepAlive(file);
        return kind == readLock;
    }

    public static bool TryReflink(SafeFileHandle source, SafeFileHandle target)
    {
        var cloned = Ioctl(Fd(target), FICLONE, Fd(source)) == 0;
        GC.KeepAlive(source);
        GC.KeepAlive(target);
        return cloned;
    }

    /// <summary>Renames within one folder. False when the name is taken and may not be replaced.</summary>
    public static bool Rename(SafeFileHandle folder, string from, string to, bool replace)
    {
        var fd = Fd(folder);
        try
        {
            if (Renameat2(SysRenameat2, fd, from, fd, to, replace ? 0 : RENAME_NOREPLACE) == 0) return true;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == EEXIST && !replace) return false;
            // NFS, CIFS and some FUSE systems lack RENAME_NOREPLACE. A hard link never replaces a file wherever links exist.
            if (replace || errno is not (EINVAL or ENOSYS or EOPNOTSUPP)) throw Error(errno, "rename", to);
            if (Linkat(fd, from, fd, to, 0) == 0)
            {
                Unlink(folder, from);
                return true;
            }

            errno = Marshal.GetLastPInvokeError();
            if (errno == EEXIST) return false;
            if (errno is not (EPERM or EOPNOTSUPP or ENOSYS)) throw Error(errno, "link", to);
            // No hard links either: check, then rename. Another writer could slip in between; this file system has no call that closes the gap.
            if (StatIn(folder, to) is not null) return false;
            return Rename(folder, from, to, replace: true);
        }
        finally
        {
            GC.KeepAlive(folder);
        }
    }

    public static void Unlink(SafeFileHandle folder, string name)
    {
        if (Unlinkat(Fd(folder), name, 0) < 0 && Marshal.GetLastPInvokeError() is var errno && errno != ENOENT)
            throw Error(errno, "remove", name);
        GC.KeepAlive(folder);
    }

    /// <summary>Removes an empty folder; does nothing when the folder is missing or not empty, or the name is not a folder.</summary>
    public static void RemoveEmptyFolder(SafeFileHandle folder, string name)
    {
        if (Unlinkat(Fd(folder), name, AT_REMOVEDIR) < 0
            && Marshal.GetLastPInvokeError() is var errno
            && errno is not (ENOENT or ENOTEMPTY or EEXIST or ENOTDIR))
            throw Error(errno, "remove", name);
        GC.KeepAlive(folder);
    }

    /// <summary>The exception that the runtime would throw for an errno.</summary>
    public static IOException Error(int errno, string operation, string path)
    {
        var message = $"cannot {operation} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}";
        return errno switch
        {
            ENOENT when operation.Contains("folder", StringComparison.Ordinal) => new DirectoryNotFoundException(message),
            ENOENT => new FileNotFoundException(message, path),
            _ => new IOException(message, errno),
        };
    }

    private static int Fd(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    // linux/stat.h, struct statx: the same layout on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(48)] public ulong Blocks;
        [FieldOffset(96)] public long CtimeSeconds;
        [FieldOffset(104)] public uint CtimeNanoseconds;
        [FieldOffset(112)] public long MtimeSeconds;
        [FieldOffset(120)] public uint MtimeNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;

        public readonly FileStat ToFileStat()
        {
            var kind = (Mode & 0xF000) switch
            {
                0x8000 => FileKind.Regular,
                0x4000 => FileKind.Folder,
                0xA000 => FileKind.Link,
                _ => FileKind.Special,
            };
            var state = new FileState((long)Size, FileTime.Of(MtimeSeconds, MtimeNanoseconds), Inode, ((ulong)DeviceMajor << 32) | DeviceMinor)
            {
                // ChangeNs is only compared for equality, so a time outside the range may wrap around.
                ChangeNs = unchecked((CtimeSeconds * 1_000_000_000) + CtimeNanoseconds),
            };
            return new FileStat(kind, state, Links, (long)Blocks * 512);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Openat2(nint number, int folder, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Renameat2(nint number, int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Openat(int folder, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxAt(int folder, string path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statfs(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Faccessat(int folder, string path, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mkdirat(int folder, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Linkat(int fromFolder, string from, int toFolder, string to, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlinkat(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FsyncFd(int file);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int Futimens(int file, long* times);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int PosixFadvise(int file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int file, nuint request, nint argument);
}
