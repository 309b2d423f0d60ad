using NasSync.Files;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Files;

/// <summary>What a system must have besides the program is missed before the first hash, by its name and with the cure.</summary>
public sealed class SystemNeedsTests
{
    [RequiresFact("linux")]
    public void A_usual_system_lacks_nothing() => Assert.Null(SystemNeeds.Missing());

    [RequiresFact("linux")]
    public void A_system_without_OpenSSL_is_told_which_package_to_install()
    {
        var missing = SystemNeeds.Missing(["libssl.so.no-such-version"], []);
        Assert.Equal((FailureClass.Config, "OpenSslMissing"), (missing?.Class, missing?.Code));
        Assert.Equal(ExitCode.ConfigInvalid, ExitCodes.Of(missing!));
        Assert.Contains("apt install libssl3", missing!.Hint, StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public void One_library_of_several_is_enough() => Assert.Null(SystemNeeds.Missing(["libssl.so.no-such-version", "libc.so.6"], []));

    [RequiresFact("linux")]
    public void A_chroot_without_devices_is_told_which_one_is_missing()
    {
        var missing = SystemNeeds.Missing(["libc.so.6"], ["/dev/null", "/dev/no-such-device"]);
        Assert.Equal("SystemIncomplete", missing?.Code);
        Assert.StartsWith("/dev/no-such-device is not there", missing!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_of_which_the_system_does_not_know_the_file_system_has_none() => Assert.Null(MountTable.FileSystemOf("/no/such/path"));
}
