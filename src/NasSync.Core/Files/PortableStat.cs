using Microsoft.Win32.SafeHandles;

namespace NasSync.Files;

/// <summary>Stat by managed calls: no inode, no device, times to 100 ns.</summary>
internal static class PortableStat
{
    public static FileStat OfHandle(SafeFileHandle file)
    {
        var size = RandomAccess.GetLength(file);
        return new FileStat(FileKind.Regular, new FileState(size, FileTime.Of(File.GetLastWriteTimeUtc(file)), 0, 0), 1, size);
    }

    public static FileStat? OfPath(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is not null) return new FileStat(FileKind.Link, default, 1, 0);
        if (Directory.Exists(path)) return new FileStat(FileKind.Folder, default, 1, 0);
        if (!info.Exists) return null;
        // Managed calls cannot tell a FIFO from a file; Windows, the platform this serves, has none in its file systems.
        return new FileStat(FileKind.Regular, new FileState(info.Length, FileTime.Of(info.LastWriteTimeUtc), 0, 0), 1, info.Length);
    }
}
