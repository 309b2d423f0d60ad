using NasSync.Files;

namespace NasSync.Tests.Files;

public sealed class MountTableTests
{
    private const string Fstab = """
        # /mnt/comment /mnt/comment nfs
        UUID=1 / ext4 defaults 0 1
        UUID=2 none swap sw 0 0
        nas:/media /mnt/nas nfs noauto 0 0
        nas:/odd /mnt/two\040words nfs defaults 0 0
        //nas/share /mnt/there/ cifs defaults 0 0
        """;

    private const string Mounted = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        40 22 0:35 / /mnt/there rw,relatime shared:20 - cifs //nas/share rw
        """;

    [Theory]
    [InlineData("/mnt/nas", "/mnt/nas")]
    [InlineData("/mnt/nas/Instrumentals", "/mnt/nas")]
    [InlineData("/mnt/two words/a", "/mnt/two words")]
    [InlineData("/mnt/nas2", null)]
    [InlineData("/mnt/there/a", null)]
    [InlineData("/mnt/comment", null)]
    [InlineData("/srv/media", null)]
    public void A_mount_point_where_nothing_is_mounted_is_found(string path, string? point) =>
        Assert.Equal(point, MountTable.UnmountedAbove(path, Fstab.Split('\n'), Mounted.Split('\n')));
}
