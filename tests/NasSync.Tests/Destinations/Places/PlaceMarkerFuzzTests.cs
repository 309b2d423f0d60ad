using NasSync.Destinations.Places;
using NasSync.Files;
using NasSync.Tests.Support;

namespace NasSync.Tests.Destinations.Places;

/// <summary>Whatever stands in a place's marker: an id, or none that can be understood.</summary>
public sealed class PlaceMarkerFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_stands_in_a_marker_it_is_an_id_or_none()
    {
        using var folder = new TempFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        using var root = SafeRoot.Open(folder.Path);
        var id = PlaceMarker.Write(root);
        var whole = File.ReadAllBytes(folder[PlaceMarker.Name]);
        byte[][] samples = [whole, "NasSync destination \r\n"u8.ToArray(), []];
        byte[][] pieces = ["NasSync destination "u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), [0], [0xFF, 0xFE], new byte[200]];
        var answers = new Fuzzer(samples, pieces) { Sharing = 4 }.Run(output, bytes =>
        {
            folder.Write(PlaceMarker.Name, bytes.AsSpan());
            var read = PlaceMarker.Read(root);
            Assert.NotNull(read);
            Assert.InRange(read.Length, 0, 128);
            Assert.Equal(read.Trim(), read);
            return read == id ? "its id" : read.Length == 0 ? "none" : "another";
        });
        Assert.Equal(3, answers.Count);
    }
}
