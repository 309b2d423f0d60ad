using System.Globalization;

namespace NasSync.Files;

/// <summary>Tells whether a folder lies on a file system that other machines share.</summary>
internal static class NetworkFileSystem
{
    private const uint Fuse = 0x65735546;

    // statfs(2) and linux/magic.h; those without a name there are from their own sources.
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

    // FUSE is one kind for the kernel, whether mergerfs joins two disks or sshfs shows another machine; the mount's own name tells.
    private static readonly string[] FuseKinds =
    [
        "sshfs", "rclone", "s3fs", "goofys", "gcsfuse", "mount-s3", "blobfuse", "blobfuse2", "davfs", "glusterfs", "ceph", "ceph-fuse", "smbnetfs",
        "curlftpfs", "gvfsd-fuse", "juicefs", "mfs", "moosefs", "seaweedfs", "vmhgfs-fuse", "google-drive-ocamlfuse", "onedriver", "nfs",
    ];

    /// <summary>The kind of network file system that a folder lies on, such as <c>nfs</c>; null when it lies on none that is known.</summary>
    /// <param name="fullPath">The folder; while it is missing, the nearest folder above it that is there.</param>
    public static string? KindOf(string fullPath)
    {
        var folder = Existing(fullPath);
        if (!OperatingSystem.IsLinux()) return KindByDrive(folder);
        var magic = Libc.FileSystemMagic(folder);
        return KindOf(magic, magic == Fuse ? MountTable.TypeAt(RealPath(folder)) : null);
    }

    /// <summary>The kind by what Linux says.</summary>
    /// <param name="magic">The <c>f_type</c> of statfs.</param>
    /// <param name="mountType">The mount's type, such as <c>fuse.sshfs</c>; only asked for where the magic is FUSE's.</param>
    public static string? KindOf(uint magic, string? mountType)
    {
        if (magic != Fuse) return Kinds.GetValueOrDefault(magic);
        var kind = mountType is not null && mountType.StartsWith("fuse.", StringComparison.Ordinal) ? mountType["fuse.".Length..] : mountType;
        return FuseKinds.Contains(kind, StringComparer.Ordinal) ? mountType : null;
    }

    /// <summary>
    /// The kind of file system that may change without telling this machine: a network file system, or any by FUSE, whose other side may write too.
    /// Null when the kernel tells of every change in the folder.
    /// </summary>
    /// <param name="fullPath">The folder; it must be there.</param>
    public static string? KindThatChangesUntold(string fullPath)
    {
        if (KindOf(fullPath) is { } kind) return kind;
        if (!OperatingSystem.IsLinux() || Libc.FileSystemMagic(fullPath) != Fuse) return null;
        return MountTable.TypeAt(RealPath(fullPath)) ?? "fuse";
    }

    /// <summary>
    /// Whether calls to a path may hang because another machine answers them, by the table of mounts alone: asking the path itself might hang.
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

    /// <summary>A full path with its links followed.</summary>
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
