using NasSync.Destinations;
using NasSync.Tests.Destinations.Rsync;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>rsync to a folder of this machine.</summary>
[Needs("linux", "rsync")]
[Long]
public sealed class LocalRsyncContractTests(LocalRsyncContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<LocalRsyncContractTests.Place>(place, output)
{
    public sealed class Place : RsyncFixture
    {
        private protected override Task<RsyncWorld> StartAsync() => RsyncWorld.LocalAsync();
    }
}

/// <summary>rsync over ssh. It takes minutes: each of some thousand rsync runs opens a new ssh session.</summary>
[Needs("patience", "linux", "rsync", SshServer.Program)]
[Long]
public sealed class SshRsyncContractTests(SshRsyncContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<SshRsyncContractTests.Place>(place, output)
{
    public sealed class Place : RsyncFixture
    {
        private protected override Task<RsyncWorld> StartAsync() => RsyncWorld.SshAsync();
    }
}

/// <summary>rsync to a daemon.</summary>
[Needs("linux", "rsync")]
[Long]
public sealed class DaemonRsyncContractTests(DaemonRsyncContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<DaemonRsyncContractTests.Place>(place, output)
{
    public sealed class Place : RsyncFixture
    {
        private protected override Task<RsyncWorld> StartAsync() => RsyncWorld.DaemonAsync();
    }
}

/// <summary>A target of rsync.</summary>
public abstract class RsyncFixture : DestinationFixture
{
    private RsyncWorld? _world;

    // rsync checks whether a name is free and renames a moment later; no option makes this atomic.
    public override IReadOnlyCollection<string> NeedNotApply { get; } = ["Of eight writers that race for one name exactly one wins"];

    private protected override async Task<IDestination> OpenAsync()
    {
        _world = await StartAsync();
        return _world.Destination;
    }

    private protected abstract Task<RsyncWorld> StartAsync();

    // Looks at the target and at the local staging folder.
    internal override Task<IReadOnlyList<string>> LeftAsync() => Task.FromResult<IReadOnlyList<string>>(
        [.. Directory.GetFileSystemEntries(_world!.Root), .. Directory.GetFileSystemEntries(_world.Staging).SelectMany(Left)]);

    // The shared login's socket is no leftover: it lives as long as the destination.
    private static IEnumerable<string> Left(string staged) =>
        Directory.Exists(staged) ? Directory.GetFileSystemEntries(staged).Where(entry => Path.GetFileName(entry) != "empty").SelectMany(entry =>
            Directory.Exists(entry) ? Directory.GetFileSystemEntries(entry, "*", SearchOption.AllDirectories).Prepend(entry) : [entry]) : [];

    private protected override async ValueTask CloseAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }
}
