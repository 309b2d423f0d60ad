using System.Text;

namespace NasSync.Destinations.Contract.Cases;

/// <summary>A file arrives with exactly the bytes that were sent.</summary>
internal static class ContentCases
{
    private const string Group = "content";
    private const int Large = 20 * 1024 * 1024;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Arrives("A small file arrives whole", ContractContent.Bytes(1234)),
        Arrives("An empty file arrives", []),
        Arrives("A file of one byte arrives", [0x0A]),
        Arrives(
            "Every byte value and every line ending arrives as it is",
            [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. "\r\n\n\r\u001a\0"u8]),
        Arrives("A file of exactly one block arrives whole", ContractContent.Bytes(ContractPlace.Block)),
        Arrives("A file of several blocks arrives whole", ContractContent.Bytes(4 * ContractPlace.Block)),
        Arrives("A file of several blocks and one byte arrives whole", ContractContent.Bytes((4 * ContractPlace.Block) + 1)),
        Arrives("Blocks of odd sizes arrive whole", ContractContent.Bytes(300_007), block: 32_771),
        Arrives("Blocks of a few bytes arrive whole", ContractContent.Bytes(200), block: 3),
        Arrives("One block of a mebibyte arrives whole", ContractContent.Bytes(1024 * 1024), block: 1024 * 1024),
        Arrives("A file of 20 MiB and some bytes arrives whole", () => ContractContent.Bytes(Large + 77)),
        Arrives(
            "A sparse file reads as the zeros it stands for",
            () => [.. ContractContent.Bytes(ContractPlace.Block), .. new byte[3 * ContractPlace.Block], 1, .. new byte[ContractPlace.Block]],
            sparse: true),
        Arrives("A file that is one hole arrives with its size", () => new byte[2 * ContractPlace.Block], sparse: true),

        new(Group, "What is said of a file's origin may hold any character", async (place, stop) =>
        {
            var content = Encoding.UTF8.GetBytes("origin");
            await place.WriteAsync(
                place.Request("song", content) with { Origin = "jöb 7 \"quoted\"\r\nX-Evil: 1/ポップ 🎵/song.m4a" },
                content,
                stop).ConfigureAwait(false);
            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),
    ];

    private static ContractCase Arrives(string name, byte[] content, int block = ContractPlace.Block) => Arrives(name, () => content, block);

    private static ContractCase Arrives(
        string name,
        Func<byte[]> make,
        int block = ContractPlace.Block,
        bool sparse = false) => new(Group, name, async (place, stop) =>
    {
        var content = make();
        await place.WriteAsync(place.Request("song.m4a", content) with { Sparse = sparse }, content, stop, block).ConfigureAwait(false);
        await place.HoldsAsync("song.m4a", content, stop).ConfigureAwait(false);
    });
}
