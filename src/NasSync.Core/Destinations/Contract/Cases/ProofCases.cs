namespace NasSync.Destinations.Contract.Cases;

/// <summary>A receipt states exactly what is at the place.</summary>
internal static class ProofCases
{
    private const string Group = "receipts";

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Proves("Level size gives a receipt", VerifyLevel.Size, _ => true),
        Proves("Level checksum gives a receipt that the content was compared", VerifyLevel.Checksum, by => by >= VerifiedBy.ReadBackCached),
        Proves("Level readback gives a receipt that the content was read back", VerifyLevel.Readback, by => by == VerifiedBy.ReadBack),

        new(Group, "A receipt tells the size, the hash and the state that stat finds", async (place, stop) =>
        {
            var content = ContractContent.Bytes(12_345);
            var receipt = await place.WriteAsync("song", content, stop).ConfigureAwait(false);
            await IsTrueAsync(place, receipt, content, stop).ConfigureAwait(false);
        }),

        new(Group, "The receipt of a replaced file tells the new file's state", async (place, stop) =>
        {
            var (old, next) = (ContractContent.Bytes(100), ContractContent.Bytes(12_345, seed: 2));
            var first = await place.WriteAsync("song", old, stop).ConfigureAwait(false);
            var second = await place.WriteAsync(place.Request("song", next) with { Replaces = first.Target }, next, stop).ConfigureAwait(false);
            await IsTrueAsync(place, second, next, stop).ConfigureAwait(false);
        }),

        new(Group, "The receipt of an empty file is complete too", async (place, stop) =>
            await IsTrueAsync(place, await place.WriteAsync("song", [], stop).ConfigureAwait(false), [], stop).ConfigureAwait(false)),

        new(Group, "A receipt promises no more durability than the place has", async (place, stop) =>
        {
            var receipt = await place.WriteAsync("song", ContractContent.Bytes(100), stop).ConfigureAwait(false);
            Expect.That(
                place.Can.Fsync || receipt.Durability < Durability.Fsynced,
                "the receipt says fsynced, but the place cannot be told to fsync");
            place.Remark = $"{receipt.VerifiedBy}, {receipt.Durability}";
        }),

        new(Group, "A hash is lower-case hex and says how it was found", async (place, stop) =>
        {
            await place.WriteAsync("song", ContractContent.Bytes(100), stop).ConfigureAwait(false);
            var found = await place.Destination.HashAsync(place.At("song"), stop).ConfigureAwait(false)
                ?? throw new ContractBrokenException("there is no hash of a file that is there");
            Expect.That(found.Sha256.Length == 64 && found.Sha256.All(char.IsAsciiHexDigitLower), $"the hash is {Failure.Quote(found.Sha256)}");
            Expect.That(found.By > VerifiedBy.SizeOnly, $"a hash cannot be found by {found.By}");
            Expect.That(
                found.By != VerifiedBy.ServerHash || place.Can.ServerHash is not null,
                "the server computed a hash although it is said not to");
        }),

        Adopts("A file that is there can be adopted", VerifyLevel.Checksum, by => by > VerifiedBy.SizeOnly),
        Adopts("A file that is there is read back to be adopted at the level readback", VerifyLevel.Readback, by => by == VerifiedBy.ReadBack),

        new(Group, "A missing file cannot be adopted", async (place, stop) =>
        {
            await Expect.FailureAsync(
                async () => await place.Destination.AdoptAsync(
                    place.At("missing"),
                    ContractContent.Sha256([1]),
                    VerifyLevel.Checksum,
                    stop).ConfigureAwait(false),
                "adopting a missing file").ConfigureAwait(false);
            await place.LacksAsync("missing", stop).ConfigureAwait(false);
        }),
    ];

    private static ContractCase Adopts(string name, VerifyLevel level, Func<VerifiedBy, bool> enough) => new(Group, name, async (place, stop) =>
    {
        // Large enough that a host which can compute hashes is asked for one.
        var content = ContractContent.Bytes(300_001);
        await place.WriteAsync("song", content, stop).ConfigureAwait(false);
        var before = await place.StateAsync("song", stop).ConfigureAwait(false);
        var found = await place.Destination.HashAsync(place.At("song"), stop).ConfigureAwait(false);
        Expect.Equal(ContractContent.Sha256(content), found?.Sha256, "the hash of the file that is to be adopted");
        var receipt = await place.Destination.AdoptAsync(place.At("song"), ContractContent.Sha256(content), level, stop).ConfigureAwait(false);
        Expect.That(enough(receipt.VerifiedBy), $"level {level} was asked for, and the receipt says {receipt.VerifiedBy}");
        await IsTrueAsync(place, receipt, content, stop).ConfigureAwait(false);
        Expect.Equal(before, await place.StateAsync("song", stop).ConfigureAwait(false), "the state of the adopted file");
    });

    private static ContractCase Proves(string name, VerifyLevel level, Func<VerifiedBy, bool> enough) => new(Group, name, async (place, stop) =>
    {
        var content = ContractContent.Bytes(300_001);
        var receipt = await place.WriteAsync(place.Request("song", content) with { Verify = level }, content, stop).ConfigureAwait(false);
        Expect.That(enough(receipt.VerifiedBy), $"level {level} was asked for, and the receipt says {receipt.VerifiedBy}");
        place.Remark = $"{receipt.VerifiedBy}, {receipt.Durability}";
        await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
    });

    private static async Task IsTrueAsync(ContractPlace place, CommitReceipt receipt, byte[] content, CancellationToken stop)
    {
        Expect.Equal(content.Length, receipt.Size, "the receipt's size");
        Expect.Equal(ContractContent.Sha256(content), receipt.Sha256, "the receipt's SHA-256");
        Expect.That(receipt.Target is not null, "the receipt does not tell the file's state");
        Expect.Equal(await place.StateAsync("song", stop).ConfigureAwait(false), receipt.Target!.Value, "the receipt's state of the file");
    }
}
