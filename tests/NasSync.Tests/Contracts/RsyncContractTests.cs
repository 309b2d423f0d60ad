using NasSync.Destinations;
using NasSync.Tests.Destinations.Rsync;
using NasSync.Tests.Support;
using Xunit.Abstractions;

namespace NasSync.Tests.Contracts;

/// <summary>A folder of this machine, by rsync.</summary>
[Needs("linux", "rsync")]
[Long]
public sealed class LocalRsyncContractTests(LocalRsyncContractTests.Place place, ITestOutputHelper output) : DestinationContractTests<LocalRsyncContractTests.Place>(place, output)
{
    public sealed class Place : RsyncFixture
    {
        private protected override Task<RsyncWorld> StartAsync() => RsyncWorld.LocalAsync();
    }
}

/// <summary>A host over ssh: each of some thousand runs asks the host for a new session, which takes minutes in all.</summary>
[Needs("patience", "linux", "rsync", SshServer.Program)]
[Long]
public sealed class SshRsyncContractTests(SshRsyncContractTests.Place place, ITestOutputHelper output) : DestinationContractTests<SshRsyncContractTests.Place>(place, output)
{
    public sealed class Place : RsyncFixture
    {
        private protected override Task<RsyncWorld> StartAsync() => RsyncWorld.SshAsync();
    }
}

/// <summary>An rsync daemon.</summary>
[Needs("linux", "rsync")]
[Long]
public sealed class DaemonRsyncContractTests(DaemonRsyncContractTests.Place place, ITestOutputHelper output) : DestinationContractTests<DaemonRsyncContractTests.Place>(place, output)
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

    // rsync looks whether a name is free and renames a moment later; no option makes the two one step.
    public override IReadOnlyCollection<string> NeedNotApply { get; } = ["Of eight writers that race for one name exactly one wins"];

    private protected override async Task<IDestination> OpenAsync()
    {
        _world = await StartAsync();
        return _world.Destination;
    }

    private protected abstract Task<RsyncWorld> StartAsync();

    // What stays of the target is seen from outside, and so is what stays staged.
    internal override Task<IReadOnlyList<string>> LeftAsync() => Task.FromResult<IReadOnlyList<string>>(
        [.. Directory.GetFileSystemEntries(_world!.Root), .. Directory.GetFileSystemEntries(_world.Staging).SelectMany(Left)]);

    // The socket of the shared login lives as long as the destination.
    private static IEnumerable<string> Left(string staged) =>
        Directory.Exists(staged) ? Directory.GetFileSystemEntries(staged).Where(entry => Path.GetFileName(entry) != "empty").SelectMany(entry => Directory.Exists(entry) ? Directory.GetFileSystemEntries(entry, "*", SearchOption.AllDirectories).Prepend(entry) : [entry]) : [];

    private protected override async ValueTask CloseAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }
}
