using System.Buffers;
using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Local;

public sealed class LocalWriteSessionTests
{
    // A buffer that stands in the pool twice is given to two files at a time, and the hash of one is computed over bytes of the other.
    [Fact]
    public async Task Disposing_twice_gives_the_buffer_back_once()
    {
        using var folder = new TempFolder();
        await using var destination = new LocalDestination(folder.Path, TimeProvider.System);
        var session = await destination.BeginWriteAsync(
            new WriteRequest { Path = RelativePath.Parse("song"), Size = 5, MtimeNs = 0, Fingerprint = "f", Verify = VerifyLevel.Checksum }, default);

        await session.DisposeAsync();
        await session.DisposeAsync();

        var buffers = Enumerable.Range(0, 8).Select(_ => ArrayPool<byte>.Shared.Rent(512 * 1024)).ToList();
        Assert.Equal(buffers.Count, buffers.Distinct(ReferenceEqualityComparer.Instance).Count());
    }
}
