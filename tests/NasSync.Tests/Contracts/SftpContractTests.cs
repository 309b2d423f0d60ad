using NasSync.Destinations;
using NasSync.Tests.Destinations.Sftp;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>OpenSSH's server with all its extensions.</summary>
[Needs("linux", SshServer.Program)]
public sealed class SftpContractTests(SftpContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<SftpContractTests.Place>(place, output)
{
    public sealed class Place : SftpFixture;
}

/// <summary>A server that speaks the bare protocol, as many NAS boxes do.</summary>
[Needs("linux", SshServer.Program)]
public sealed class BareSftpContractTests(BareSftpContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<BareSftpContractTests.Place>(place, output)
{
    public sealed class Place : SftpFixture
    {
        public override IReadOnlyCollection<string> NeedNotApply { get; } =
        [
            "Of eight writers that race for one name exactly one wins",
            "A name that is too long is refused for good",
        ];

        private protected override string Subsystem =>
            "internal-sftp -P posix-rename,hardlink,fsync,statvfs,fstatvfs,lsetstat,limits,expand-path,copy-data";
    }
}

/// <summary>A private sshd.</summary>
public abstract class SftpFixture : DestinationFixture
{
    private SftpWorld? _world;

    private protected virtual string Subsystem => "internal-sftp";

    private protected override async Task<IDestination> OpenAsync()
    {
        _world = await SftpWorld.StartAsync(Subsystem);
        return _world.Destination;
    }

    internal override Task<IReadOnlyList<string>> LeftAsync() =>
        Task.FromResult<IReadOnlyList<string>>(Directory.GetFileSystemEntries(_world!.Server.Root));

    private protected override async ValueTask CloseAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }
}
