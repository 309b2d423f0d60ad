using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>What is done with a file that is open.</summary>
internal static class OpenFiles
{
    /// <summary>The file as it is now.</summary>
    public static FileStat Stat(SafeFileHandle file) =>
        OperatingSystem.IsLinux() ? Libc.StatHandle(file) : PortableStat.OfHandle(file);

    /// <summary>Makes content and metadata durable.</summary>
    /// <exception cref="IOException">The medium refused; the file must be made again from the source, never fsynced again.</exception>
    public static void Fsync(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Libc.Fsync(file);
        else RandomAccess.FlushToDisk(file);
    }

    /// <summary>Sets the time of last change, in nanoseconds since 1970 UTC, as precisely as the file system can.</summary>
    public static void SetMtime(SafeFileHandle file, long mtimeNs)
    {
        if (OperatingSystem.IsLinux()) Libc.SetMtime(file, mtimeNs);
        else File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddTicks(mtimeNs / 100));
    }

    /// <summary>Drops clean pages of a file from this machine's cache, so that the next read asks the medium. A hint: not every system obeys.</summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Libc.DropCache(file);
    }

    /// <summary>Lets an empty file share the extents of another on the same file system.</summary>
    /// <returns>False where the file system cannot; nothing was changed then.</returns>
    public static bool TryReflink(SafeFileHandle source, SafeFileHandle target) =>
        OperatingSystem.IsLinux() && Libc.TryReflink(source, target);
}
