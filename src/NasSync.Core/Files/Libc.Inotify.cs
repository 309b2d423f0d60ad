using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>The calls behind <see cref="Inotify"/> and <see cref="SubfolderFile"/>.</summary>
internal static unsafe partial class Libc
{
    public const int EMFILE = 24, ENFILE = 23, ENOSPC = 28;

    public const uint IN_CLOSE_WRITE = 0x08, IN_MOVED_FROM = 0x40, IN_MOVED_TO = 0x80, IN_CREATE = 0x100, IN_DELETE = 0x200;
    public const uint IN_DELETE_SELF = 0x400, IN_MOVE_SELF = 0x800, IN_UNMOUNT = 0x2000, IN_Q_OVERFLOW = 0x4000, IN_IGNORED = 0x8000;
    public const uint IN_ONLYDIR = 0x0100_0000, IN_EXCL_UNLINK = 0x0400_0000, IN_MASK_CREATE = 0x1000_0000;

    private const short POLLIN = 1;

    /// <summary>Creates an inotify queue; null with the errno.</summary>
    public static SafeFileHandle? OpenInotify(out int errno)
    {
        var fd = InotifyInit1(O_NONBLOCK | O_CLOEXEC);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Adds a watch and returns its number; -1 with the errno.</summary>
    public static int AddWatch(SafeFileHandle inotify, string fullPath, uint mask, out int errno)
    {
        var watch = InotifyAddWatch(inotify, fullPath, mask);
        errno = watch < 0 ? Marshal.GetLastPInvokeError() : 0;
        return watch;
    }

    /// <summary>Removes a watch; one that the kernel removed already is no error.</summary>
    public static void RemoveWatch(SafeFileHandle inotify, int watch) => _ = InotifyRemoveWatch(inotify, watch);

    /// <summary>Creates an eventfd that <see cref="Ring"/> raises and <see cref="WaitForEither"/> waits for.</summary>
    public static SafeFileHandle OpenBell()
    {
        var fd = Eventfd(0, O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? throw Error(Marshal.GetLastPInvokeError(), "make", "an event counter") : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Wakes the thread that waits for the bell, or the next one to wait.</summary>
    public static void Ring(SafeFileHandle bell)
    {
        var one = 1UL;
        _ = WriteBytes(bell, (byte*)&one, sizeof(ulong)); // fails only when the counter would overflow
    }

    /// <summary>Waits until the bell was rung, which resets it, or the other descriptor is readable.</summary>
    public static void WaitForEither(SafeFileHandle bell, SafeFileHandle? other)
    {
        var both = stackalloc PollFd[] { new(Fd(bell)), new(other is null ? -1 : Fd(other)) }; // poll ignores -1
        int ready;
        do ready = Poll(both, 2, -1);
        while (ready < 0 && Marshal.GetLastPInvokeError() == EINTR);
        GC.KeepAlive(other);
        if (ready < 0) throw Error(Marshal.GetLastPInvokeError(), "wait for changes in", "a folder");
        ulong rung;
        if ((both[0].Returned & POLLIN) != 0) _ = ReadBytes(bell, (byte*)&rung, sizeof(ulong));
    }

    /// <summary>Reads what is available without waiting; 0 when there is nothing.</summary>
    public static int ReadNow(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var read = ReadBytes(file, start, (nuint)buffer.Length);
                if (read >= 0) return (int)read;
                var errno = Marshal.GetLastPInvokeError();
                if (errno == EAGAIN) return 0;
                if (errno != EINTR) throw Error(errno, "read", "the changes of a folder");
            }
        }
    }

    /// <summary>Stats a path below an open folder; null with the errno.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">UTF-8 with a terminating NUL.</param>
    /// <param name="followLinks">False stats a symbolic link itself.</param>
    /// <param name="errno">0 on success.</param>
    public static FileStat? StatBelow(SafeFileHandle folder, ReadOnlySpan<byte> path, bool followLinks, out int errno)
    {
        Statx buffer;
        int result;
        fixed (byte* start = path) result = StatxBytes(Fd(folder), start, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &buffer);
        errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        GC.KeepAlive(folder);
        return result < 0 ? null : buffer.ToFileStat();
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct PollFd(int file)
    {
        public readonly int File = file;
        public readonly short Wanted = POLLIN;
        public readonly short Returned = 0;
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int InotifyInit1(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InotifyAddWatch(SafeFileHandle inotify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch")]
    private static partial int InotifyRemoveWatch(SafeFileHandle inotify, int watch);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Eventfd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollFd* files, nuint count, int milliseconds);

    // Pass the handle itself, not its number: another thread may close it meanwhile, and its number might then belong to another file.
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatxBytes(int folder, byte* path, int flags, uint mask, Statx* buffer);
}
