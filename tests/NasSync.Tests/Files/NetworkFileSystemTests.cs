using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Files;

public sealed class NetworkFileSystemTests
{
    private const uint Fuse = 0x65735546;

    [Theory]
    [InlineData(0x6969u, null, "nfs")]
    [InlineData(0xFF534D42u, null, "cifs")]
    [InlineData(0xFE534D42u, null, "smb2")]
    [InlineData(0x01021997u, null, "9p")]
    [InlineData(Fuse, "fuse.sshfs", "fuse.sshfs")]
    [InlineData(Fuse, "fuse.rclone", "fuse.rclone")]
    [InlineData(Fuse, "fuse.mergerfs", null)]
    [InlineData(Fuse, "fuseblk", null)]
    [InlineData(Fuse, null, null)]
    [InlineData(0xEF53u, "fuse.sshfs", null)]
    [InlineData(0x01021994u, null, null)]
    [InlineData(0x58465342u, null, null)]
    public void A_kind_is_known_by_its_number_and_FUSE_by_its_mount(uint magic, string? mountType, string? kind) =>
        Assert.Equal(kind, NetworkFileSystem.KindOf(magic, mountType));

    [Theory]
    [InlineData("/srv/work", "ext4")]
    [InlineData("/mnt/nas", "fuse.sshfs")]
    [InlineData("/mnt/nas/work/deep", "fuse.sshfs")]
    [InlineData("/mnt/nas2", "ext4")]
    [InlineData("/mnt/with space/x", "fuse.rclone")]
    [InlineData("/mnt/twice/x", "xfs")]
    public void The_nearest_mount_above_a_path_is_the_one_that_counts(string path, string type)
    {
        string[] lines =
        [
            "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
            "42 27 0:39 / /mnt/nas rw,nosuid,nodev shared:7 master:1 - fuse.sshfs h:/srv rw",
            @"43 27 0:40 / /mnt/with\040space rw - fuse.rclone remote: rw",
            "44 27 0:41 / /mnt/twice rw - ext4 /dev/vdb rw",
            "45 44 0:42 / /mnt/twice rw - xfs /dev/vdc rw",
            "nonsense",
        ];

        Assert.Equal(type, MountTable.TypeAt(path, lines));
    }

    [Fact]
    public void The_disk_of_the_tests_is_no_network()
    {
        using var folder = new TempFolder();
        Assert.Null(NetworkFileSystem.KindOf(folder["not/there/yet"]));
    }

    [RequiresFact("mount", "sshfs", "/dev/fuse", "/usr/lib/openssh/sftp-server")]
    public void A_folder_on_another_machine_by_sshfs_is_one()
    {
        using var mounted = Mounted.Sshfs();
        Assert.Equal("fuse.sshfs", NetworkFileSystem.KindOf(Path.Combine(mounted.Path, "not/there/yet")));

        using var folder = new TempFolder();
        Directory.CreateSymbolicLink(folder["link"], mounted.Path);
        Assert.Equal("fuse.sshfs", NetworkFileSystem.KindOf(folder["link"]));
    }
}
