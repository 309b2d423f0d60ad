using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Operations on open files.</summary>
internal static class OpenFiles
{
    // EMFILE, the same on Linux and macOS.
    private const int TooManyOpen = 24;

    public static FileStat Stat(SafeFileHandle file) =>
        OperatingSystem.IsLinux() ? Libc.StatHandle(file) : PortableStat.OfHandle(file);

    /// <summary>Whether this process has reached its limit of open files. Libraries that open files by themselves do not report it.</summary>
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
    /// How many copies may run at a time under the limit of open files; at least one. When the runtime cannot open a file it fails in arbitrary
    /// places and cannot even start a thread, so the limit must never be reached.
    /// </summary>
    /// <param name="wanted">The number of copies that the configuration allows.</param>
    public static int CopiesThatFit(int wanted)
    {
        // Per copy and for two places: source and job folder, part file and its folder, a child's pipes and pidfd. The rest covers what is loaded
        // later.
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

    /// <summary>The error for an exhausted limit, as the system words it.</summary>
    public static IOException Exhausted() => new("Too many open files", TooManyOpen);

    /// <summary>Makes content and metadata durable.</summary>
    /// <exception cref="IOException">The medium failed. Write the file again from the source; a second fsync proves nothing.</exception>
    public static void Fsync(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Libc.Fsync(file);
        else RandomAccess.FlushToDisk(file);
    }

    /// <summary>Sets the modification time, in nanoseconds since 1970 UTC, as precisely as the file system allows.</summary>
    public static void SetMtime(SafeFileHandle file, long mtimeNs)
    {
        if (OperatingSystem.IsLinux()) Libc.SetMtime(file, mtimeNs);
        else File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddTicks(mtimeNs / 100));
    }

    /// <summary>
    /// Drops a file's clean pages from this machine's cache, so that the next read asks the medium. A hint: not every system obeys.
    /// </summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux()) Libc.DropCache(file);
    }

    /// <summary>Whether any process has a file open for writing; null when that is unknown.</summary>
    public static bool? IsOpenForWriting(SafeFileHandle file) => OperatingSystem.IsLinux() ? Libc.IsOpenForWriting(file) : null;

    /// <summary>Makes an empty file share the extents of another file on the same file system.</summary>
    /// <returns>False where the file system does not support it; nothing was changed in that case.</returns>
    public static bool TryReflink(SafeFileHandle source, SafeFileHandle target) =>
        OperatingSystem.IsLinux() && Libc.TryReflink(source, target);
}
