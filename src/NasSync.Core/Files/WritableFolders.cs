using System.Collections.Concurrent;

namespace NasSync.Files;

/// <summary>
/// Tells whether a file could be created at a path, without creating one, so that a plan predicts what the run meets. Remembers each writable folder.
/// Safe to use from any thread.
/// </summary>
internal sealed class WritableFolders
{
    private readonly ConcurrentDictionary<string, bool> _writable = new(StringComparer.Ordinal);

    /// <summary>
    /// The errno with which the system would refuse a new entry in the path's folder, or in its nearest existing parent; null when it would not
    /// refuse, and where it does not say.
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
