using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Moving between folders, and who else has a file open.</summary>
internal static unsafe partial class Libc
{
    private const int F_SETLEASE = 1024, F_SETSIG = 10, F_RDLCK = 0, F_UNLCK = 2, SIGURG = 23;

    /// <summary>Moves a name from one held folder to another. False: the name is taken there.</summary>
    /// <exception cref="IOException">They lie on different file systems or mounts (EXDEV), or it is refused.</exception>
    public static bool Move(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to)
    {
        try
        {
            if (Renameat2(SysRenameat2, Fd(fromFolder), from, Fd(toFolder), to, RENAME_NOREPLACE) == 0) return true;
            var errno = Marshal.GetLastPInvokeError();
            if (errno is EEXIST or ENOTEMPTY) return false;
            if (errno is not (EINVAL or ENOSYS or EOPNOTSUPP)) throw Error(errno, "move", from);

            // Look, then move: where something came to stand meanwhile, a folder that is not empty is refused by every file system.
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

    /// <summary>Whether anyone has a file open for writing; null when that cannot be told (another owner, a network file system).</summary>
    public static bool? IsOpenForWriting(SafeFileHandle file)
    {
        // Should someone open it while the lease is held, the kernel tells so by a signal; the usual one would end the process.
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
