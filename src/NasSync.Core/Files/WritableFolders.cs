using System.Collections.Concurrent;

namespace NasSync.Files;

/// <summary>
/// Whether a file can be made at a path, without making one, so that a plan says what a run would find. A folder in which files can be made is asked
/// about once. Safe to use from any thread.
/// </summary>
internal sealed class WritableFolders
{
    private readonly ConcurrentDictionary<string, bool> _writable = new(StringComparer.Ordinal);

    /// <summary>
    /// The error number with which the system would refuse a new name in the folder of a path, or in the one above it that is there; null where it
    /// would not, and where it does not tell.
    /// </summary>
    public int? WhyNot(string fullPath)
    {
        if (!OperatingSystem.IsLinux() || Path.GetDirectoryName(fullPath) is not { } folder || _writable.ContainsKey(folder)) return null;
        var there = folder;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above) there = above;
        if (Libc.WhyNoNamesIn(there) is (Libc.EROFS or Libc.EACCES) and var errno) return errno;
        _writable.TryAdd(folder, true);
        return null;
    }
}
