using NasSync.Destinations;
using NasSync.Tests.Contracts;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Sftp;

[Needs("linux", SshServer.Program)]
public sealed class SftpContractTests(SftpContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<SftpContractTests.Place>(place, output)
{
    public sealed class Place() : SftpPlace("internal-sftp");
}

[Needs("linux", SshServer.Program)]
public sealed class PlainSftpContractTests(PlainSftpContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<PlainSftpContractTests.Place>(place, output)
{
    /// <summary>A server without a single extension, and without a shell.</summary>
    public sealed class Place() : SftpPlace(
        "internal-sftp -P posix-rename,fsync,statvfs,fstatvfs,limits,hardlink,lsetstat,expand-path,copy-data",
        "ForceCommand internal-sftp");
}

/// <summary>An sshd and a destination at it, for all cases of a class.</summary>
public abstract class SftpPlace(string subsystem, string settings = "") : DestinationFixture
{
    private SshServer? _server;

    private protected override async Task<IDestination> OpenAsync()
    {
        _server = await SshServer.StartAsync(subsystem, settings);
        return SftpWorld.Connect(_server.Config());
    }

    private protected override ValueTask CloseAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
