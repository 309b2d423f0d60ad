using NasSync.Destinations;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;
using Xunit.Abstractions;

namespace NasSync.Tests.Contracts;

/// <summary>Ceph's gateway, with parts as small as S3 allows, so that the larger cases go in several.</summary>
[Needs("radosgw", "ceph-mon", "ceph-osd")]
public sealed class CephContractTests(CephContractTests.Place place, ITestOutputHelper output) : DestinationContractTests<CephContractTests.Place>(place, output)
{
    public sealed class Place : DestinationFixture
    {
        private CephPlace? _place;

        private protected override async Task<IDestination> OpenAsync()
        {
            _place = await CephPlace.MakeAsync();
            return _place.Destination;
        }

        internal override async Task<IReadOnlyList<string>> LeftAsync()
        {
            var objects = await _place!.Raw.ListObjectsV2Async(new() { BucketName = _place.Bucket });
            var uploads = await _place.UploadsAsync();
            return [.. (objects.S3Objects ?? []).Select(one => one.Key), .. uploads.Select(one => $"{one}")];
        }

        private protected override async ValueTask CloseAsync()
        {
            if (_place is not null) await _place.DisposeAsync();
        }
    }
}
