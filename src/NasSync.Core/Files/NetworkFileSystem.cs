using System.Globalization;

namespace NasSync.Files;

/// <summary>Tells whether a folder is on a file system that other machines share.</summary>
internal static class NetworkFileSystem
{
    private const uint Fuse = 0x65735546;

    // statfs(2) and linux/magic.h; numbers that have no name there come from the sources of the file system.
    private static readonly Dictionary<uint, string> Kinds = new()
    {
        [0x6969] = "nfs",
        [0xFF534D42] = "cifs",
        [0xFE534D42] = "smb2",
        [0x517B] = "smb",
        [0x01021997] = "9p",
        [0x00C36400] = "ceph",
        [0x5346414F] = "afs",
        [0x6B414653] = "afs",
        [0x73757245] = "coda",
        [0x564C] = "ncp",
        [0x0BD00BD0] = "lustre",
        [0x47504653] = "gpfs",
        [0x19830326] = "beegfs",
        [0x786F4256] = "vboxsf",
        [0xBACBACBC] = "vmhgfs",
    };

    // All FUSE file systems share one magic number, whether mergerfs joins two disks or sshfs shows another machine; only the mount type tells them
    // apart.
    private static readonly string[] FuseKinds =
    [
        "sshfs", "rclone", "s3fs", "goofys", "gcsfuse", "mount-s3", "blobfuse", "blobfuse2", "davfs", "glusterfs", "ceph", "ceph-fuse", "smbnetfs",
        "curlftpfs", "gvfsd-fuse", "juicefs", "mfs", "moosefs", "seaweedfs", "vmhgfs-fuse", "google-drive-ocamlfuse", "onedriver", "nfs",
    ];

    /// <summary>The kind of network file system that holds a folder, such as <c>nfs</c>; null when it is none of the known ones.</summary>
    /// <param name="fullPath">The folder; when it is missing, its nearest existing parent counts.</param>
    public static string? KindOf(string fullPath)
    {
        var folder = Existing(fullPath);
        if (!OperatingSystem.IsLinux()) return KindByDrive(folder);
        var magic = Libc.FileSystemMagic(folder);
        return KindOf(magic, magic == Fuse ? MountTable.TypeAt(RealPath(folder)) : null);
    }

    /// <summary>The kind for the numbers and types that Linux reports.</summary>
    /// <param name="magic">The <c>f_type</c> of statfs.</param>
    /// <param name="mountType">The mount's type, such as <c>fuse.sshfs</c>; used only when the magic number is FUSE's.</param>
    public static string? KindOf(uint magic, string? mountType)
    {
        if (magic != Fuse) return Kinds.GetValueOrDefault(magic);
        var kind = mountType is not null && mountType.StartsWith("fuse.", StringComparison.Ordinal) ? mountType["fuse.".Length..] : mountType;
        return FuseKinds.Contains(kind, StringComparer.Ordinal) ? mountType : null;
    }

    /// <summary>
    /// The kind of file system that may change without inotify events on this machine: a network file system, or any FUSE file system, whose backend
    /// others may write. Null when the kernel reports every change in the folder.
    /// </summary>
    /// <param name="fullPath">The folder; it must exist.</param>
    public static string? KindThatChangesUntold(string fullPath)
    {
        if (KindOf(fullPath) is { } kind) return kind;
        if (!OperatingSystem.IsLinux() || Libc.FileSystemMagic(fullPath) != Fuse) return null;
        return MountTable.TypeAt(RealPath(fullPath)) ?? "fuse";
    }

    /// <summary>
    /// Whether calls to a path may hang because another machine answers them. Reads only the mount table: touching the path itself might hang.
    /// </summary>
    public static bool MayHang(string fullPath) =>
        OperatingSystem.IsLinux() ? MountTable.TypeAt(fullPath) is { } type && IsNetwork(type) : fullPath.StartsWith(@"\\", StringComparison.Ordinal);

    /// <summary>Whether a mount's type is that of a network file system.</summary>
    internal static bool IsNetwork(string mountType) =>
        mountType is "nfs" or "nfs4" or "cifs" or "smb3" or "smbfs" or "9p" or "ceph" or "afs" or "coda" or "ncpfs" or "lustre" or "gpfs" or "beegfs"
            or "vboxsf"
        || KindOf(Fuse, mountType) is not null;

    private static string Existing(string fullPath)
    {
        var folder = fullPath;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { Length: > 0 } above) folder = above;
        return folder;
    }

    /// <summary>A full path with its links resolved.</summary>
    internal static string RealPath(string folder)
    {
        var real = "/";
        foreach (var name in folder.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            if (Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target) real = target.FullName;
        }

        return real;
    }

    private static string? KindByDrive(string folder)
    {
        if (folder.StartsWith(@"\\", StringComparison.Ordinal)) return "a share";
        var drive = new DriveInfo(folder);
        return drive.DriveType == DriveType.Network ? drive.DriveFormat.ToLower(CultureInfo.InvariantCulture) : null;
    }
}
