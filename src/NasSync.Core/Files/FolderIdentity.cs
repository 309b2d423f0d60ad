using System.Globalization;

namespace NasSync.Files;

/// <summary>Which folder a path leads to, and on which file system it lies.</summary>
/// <param name="Device">The file system's number; it may be another after a restart. 0 where the platform has none.</param>
/// <param name="Inode">The folder's number there; 0 where the platform has none.</param>
/// <param name="Mount">What is mounted there and where, such as <c>nfs4 nas:/export at /data</c>; a disk's own name is left out, since restarts
/// change it.</param>
internal sealed record FolderIdentity(ulong Device, ulong Inode, string Mount)
{
    /// <summary>The identity of a folder; null when there is none.</summary>
    public static FolderIdentity? Of(string fullPath)
    {
        if (!Directory.Exists(fullPath)) return null;
        if (!OperatingSystem.IsLinux())
        {
            var drive = new DriveInfo(fullPath);
            return new FolderIdentity(0, 0, $"{drive.DriveFormat} at {drive.RootDirectory.FullName}");
        }

        if (Libc.StatPath(fullPath) is not { } stat) return null;
        var mount = MountTable.At(NetworkFileSystem.RealPath(fullPath));
        return new FolderIdentity(stat.State.Device, stat.State.Inode, mount is null ? "" : Describe(mount));
    }

    /// <summary>The identity that a text stands for.</summary>
    public static FolderIdentity Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return new FolderIdentity(
            ulong.TryParse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var device) ? device : 0,
            0,
            parts[^1]);
    }

    /// <summary>
    /// Whether both lie on one file system. The number alone tells between two restarts; the mount alone, where a service sees its own table of
    /// mounts.
    /// </summary>
    public bool IsOnSameFileSystem(FolderIdentity other) => (Device != 0 && Device == other.Device) || Mount == other.Mount;

    /// <summary>A text that lasts: the file system's number and mount, without the folder.</summary>
    public override string ToString() => $"{Device.ToString("x", CultureInfo.InvariantCulture)} {Mount}";

    private static string Describe(Mount mount) =>
        mount.Source.StartsWith("/dev/", StringComparison.Ordinal)
            ? $"{mount.Type} at {mount.Point}"
            : $"{mount.Type} {mount.Source} at {mount.Point}";
}
