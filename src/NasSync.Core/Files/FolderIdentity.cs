using System.Globalization;

namespace NasSync.Files;

/// <summary>Identifies the folder that a path leads to, and the file system that holds it.</summary>
/// <param name="Device">The file system's device number, which may change with a restart. 0 where the platform has none.</param>
/// <param name="Inode">The folder's inode number; 0 where the platform has none.</param>
/// <param name="Mount">What is mounted and where, such as <c>nfs4 nas:/export at /data</c>. Disk names are left out, because restarts change
/// them. Empty when it is unknown.</param>
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

    /// <summary>Parses the text that <see cref="ToString"/> returns.</summary>
    public static FolderIdentity Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return new FolderIdentity(
            ulong.TryParse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var device) ? device : 0,
            0,
            parts[^1]);
    }

    /// <summary>
    /// Whether both folders are on the same file system. Either match suffices: the device number is stable only between two restarts, and the mount
    /// differs where a service sees a mount table of its own. An unknown mount matches none.
    /// </summary>
    public bool IsOnSameFileSystem(FolderIdentity other) => (Device != 0 && Device == other.Device) || (Mount.Length > 0 && Mount == other.Mount);

    /// <summary>The file system, as messages name it.</summary>
    public string Shown => Mount.Length > 0 ? Mount : "an unknown one";

    /// <summary>A text to store: device number and mount, without the folder.</summary>
    public override string ToString() => $"{Device.ToString("x", CultureInfo.InvariantCulture)} {Mount}";

    private static string Describe(Mount mount) =>
        mount.Source.StartsWith("/dev/", StringComparison.Ordinal)
            ? $"{mount.Type} at {mount.Point}"
            : $"{mount.Type} {mount.Source} at {mount.Point}";
}
