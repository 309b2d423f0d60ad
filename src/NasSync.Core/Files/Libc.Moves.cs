using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Moving between folders, and detecting other writers of a file.</summary>
internal static unsafe partial class Libc
{
    private const int F_SETLEASE = 1024, F_SETSIG = 10, F_RDLCK = 0, F_UNLCK = 2, SIGURG = 23;

    /// <summary>Moves an entry from one open folder to another. False when the name is taken there.</summary>
    /// <exception cref="IOException">The folders are on different file systems or mounts (EXDEV), or the system refused.</exception>
    public static bool Move(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to)
    {
        try
        {
            if (Renameat2(SysRenameat2, Fd(fromFolder), from, Fd(toFolder), to, RENAME_NOREPLACE) == 0) return true;
            var errno = Marshal.GetLastPInvokeError();
            if (errno is EEXIST or ENOTEMPTY) return false;
            if (errno is not (EINVAL or ENOSYS or EOPNOTSUPP)) throw Error(errno, "move", from);

            // No RENAME_NOREPLACE here: check, then rename. If a folder appears in between, every file system refuses to replace it unless it is
            // empty.
            if (StatIn(toFolder, to) is not null) return false;
            if (Renameat2(SysRenameat2, Fd(fromFolder), from, Fd(toFolder), to, 0) == 0) return true;
            errno = Marshal.GetLastPInvokeError();
            return errno is EEXIST or ENOTEMPTY ? false : throw Error(errno, "move", from);
        }
        finally
        {
            GC.KeepAlive(fromFolder);
            GC.KeepAlive(toFolder);
        }
    }

    /// <summary>Whether any process has a file open for writing; null when that is unknown (another owner, a network file system).</summary>
    public static bool? IsOpenForWriting(SafeFileHandle file)
    {
        // When another process opens the file while the lease is held, the kernel sends a signal; the default one would end this process.
        if (Fcntl(Fd(file), F_SETSIG, SIGURG) < 0) return null;
        var result = Fcntl(Fd(file), F_SETLEASE, F_RDLCK);
        var errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (result == 0) Fcntl(Fd(file), F_SETLEASE, F_UNLCK);
        GC.KeepAlive(file);
        return result == 0 ? false : errno == EAGAIN ? true : null;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int file, int command, int argument);
}
