using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>What is done with a file that is open.</summary>
internal static class OpenFiles
{
    // EMFILE, the same on Linux and macOS.
    private const int TooManyOpen = 24;

    /// <summary>The file as it is now.</summary>
    public static FileStat Stat(SafeFileHandle file) =>
        OperatingSystem.IsLinux() ? Libc.StatHandle(file) : PortableStat.OfHandle(file);

    /// <summary>Whether this process has as many files open as it may. Libraries that open files by themselves do not say so.</summary>
    public static bool AreExhausted()
    {
        if (OperatingSystem.IsWindows()) return false;
        try
        {
            File.OpenHandle("/dev/null").Dispose();
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == TooManyOpen;
        }
    }

    /// <summary>
    /// How many copies at a time there are files for, at least one. The runtime fails at any place when it can open none, and cannot even start a
    /// thread then, so that it must not come so far.
    /// </summary>
    /// <param name="wanted">How many there should be.</param>
    public static int CopiesThatFit(int wanted)
    {
        // Source and job folder, part and folder, pipes of a child and what it is watched with, for two places at a time; and what is loaded later.
        const int forOne = 16, forTheRest = 128;
        if (!OperatingSystem.IsLinux()) return wanted;
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal));
            if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, _, _, var soft, ..]
                || !long.TryParse(soft, CultureInfo.InvariantCulture, out var limit))
                return wanted;
            var free = limit - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - forTheRest;
            return (int)Math.Clamp(free / forOne, 1, wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return wanted;
        }
    }

    /// <summary>The system's own error for that.</summary>
    public static IOException Exhausted() => new("Too many open files", TooManyOpen);

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

    /// <summary>
    /// Drops clean pages of a file from this machine's cache, so that the next read asks the medium. A hint: not every system obeys.
    /// </summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Libc.DropCache(file);
    }

    /// <summary>Whether anyone has a file open for writing; null when that cannot be told.</summary>
    public static bool? IsOpenForWriting(SafeFileHandle file) => OperatingSystem.IsLinux() ? Libc.IsOpenForWriting(file) : null;

    /// <summary>Lets an empty file share the extents of another on the same file system.</summary>
    /// <returns>False where the file system cannot; nothing was changed then.</returns>
    public static bool TryReflink(SafeFileHandle source, SafeFileHandle target) =>
        OperatingSystem.IsLinux() && Libc.TryReflink(source, target);
}
