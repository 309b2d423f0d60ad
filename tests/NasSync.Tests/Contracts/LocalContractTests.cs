using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>A folder on the machine's temp path.</summary>
public sealed class LocalContractTests(LocalContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<LocalContractTests.Place>(place, output)
{
    public sealed class Place : LocalFixture
    {
        private readonly Lazy<TempFolder> _folder = new(() => new TempFolder());

        private protected override string Root => _folder.Value.Path;

        private protected override void Remove() => _folder.Value.Dispose();
    }
}

/// <summary>A local folder without the system call <c>openat2</c>, as on an old kernel or in a container that forbids it.</summary>
[Needs("linux")]
public sealed class LocalWithoutOpenat2ContractTests(LocalWithoutOpenat2ContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<LocalWithoutOpenat2ContractTests.Place>(place, output)
{
    public sealed class Place : LocalFixture
    {
        private readonly Lazy<TempFolder> _folder = new(() => new TempFolder());

        private protected override string Root => _folder.Value.Path;

        private protected override SafeRoot OpenRoot(string path) => LinuxSafeRoot.OpenAt(path, withoutOpenat2: true);

        private protected override void Remove() => _folder.Value.Dispose();
    }
}

[Needs("mount")]
public sealed class TmpfsContractTests(TmpfsContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<TmpfsContractTests.Place>(place, output)
{
    public sealed class Place : LocalFixture
    {
        private readonly Lazy<Mounted> _mounted = new(() => Mounted.Tmpfs("128m"));

        private protected override string Root => _mounted.Value.Path;

        private protected override void Remove() => _mounted.Value.Dispose();
    }
}

[Needs("xfs")]
public sealed class XfsContractTests(XfsContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<XfsContractTests.Place>(place, output)
{
    public sealed class Place : LocalFixture
    {
        private readonly Lazy<Mounted> _mounted = new(Mounted.Xfs);

        private protected override string Root => _mounted.Value.Path;

        private protected override void Remove() => _mounted.Value.Dispose();
    }
}

/// <summary>A folder of this machine.</summary>
public abstract class LocalFixture : DestinationFixture
{
    private bool _opened;

    public override IReadOnlyCollection<string> NeedNotApply { get; } =
        ["A copy that is not what the source's hash says is not committed at level checksum"];

    private protected abstract string Root { get; }

    private protected virtual SafeRoot OpenRoot(string path) => SafeRoot.Open(path);

    private protected abstract void Remove();

    private protected override Task<IDestination> OpenAsync()
    {
        _opened = true;
        return Task.FromResult<IDestination>(new LocalDestination(Root, TimeProvider.System, open: OpenRoot));
    }

    internal override Task<IReadOnlyList<string>> LeftAsync() => Task.FromResult<IReadOnlyList<string>>(Directory.GetFileSystemEntries(Root));

    private protected override ValueTask CloseAsync()
    {
        if (_opened) Remove();
        return ValueTask.CompletedTask;
    }
}
