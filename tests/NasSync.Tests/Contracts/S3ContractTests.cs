using NasSync.Destinations;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Contracts;

/// <summary>Ceph's gateway. The part size is the smallest that S3 allows, so that larger cases upload in several parts.</summary>
[Needs("radosgw", "ceph-mon", "ceph-osd")]
public sealed class CephContractTests(CephContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<CephContractTests.Place>(place, output)
{
    public sealed class Place : S3Fixture
    {
        private protected override Task<CephPlace> MakeAsync() => CephPlace.MakeAsync();
    }
}

/// <summary>OpenStack Swift's S3 dialect, which refuses every condition on a write.</summary>
[Needs("swift")]
[Long]
public sealed class SwiftContractTests(SwiftContractTests.Place place, ITestOutputHelper output)
    : DestinationContractTests<SwiftContractTests.Place>(place, output)
{
    public sealed class Place : S3Fixture
    {
        // Swift answers 501 to If-None-Match. Without it, "check, then write" leaves a gap, so two writers may both win.
        public override IReadOnlyCollection<string> NeedNotApply { get; } = ["Of eight writers that race for one name exactly one wins"];

        private protected override Task<CephPlace> MakeAsync() => CephPlace.MakeOnSwiftAsync();
    }
}

/// <summary>A bucket of a real server.</summary>
public abstract class S3Fixture : DestinationFixture
{
    private CephPlace? _place;

    internal override async Task<IReadOnlyList<string>> LeftAsync()
    {
        var objects = await _place!.Raw.ListObjectsV2Async(new() { BucketName = _place.Bucket });
        var uploads = await _place.UploadsAsync();
        return [.. (objects.S3Objects ?? []).Select(one => one.Key), .. uploads];
    }

    private protected abstract Task<CephPlace> MakeAsync();

    private protected override async Task<IDestination> OpenAsync()
    {
        _place = await MakeAsync();
        return _place.Destination;
    }

    private protected override async ValueTask CloseAsync()
    {
        if (_place is not null) await _place.DisposeAsync();
    }
}
