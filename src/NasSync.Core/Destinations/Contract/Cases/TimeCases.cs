namespace NasSync.Destinations.Contract.Cases;

/// <summary>Modification times are kept as precisely as the place reports, or the receipt says that they were not kept.</summary>
internal static class TimeCases
{
    private const string Group = "times";
    private const long Second = 1_000_000_000;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Kept("The time of last change is kept", 1_700_000_000 * Second),
        Kept("A time with nanoseconds is kept as precisely as the place can", (1_700_000_001 * Second) + 123_456_789),
        Kept("A time just before the next second is not rounded away", (1_700_000_001 * Second) + 999_999_999),

        // Places end at different years (XFS without big times in 2038, SFTP in 2106); the receipt must only tell the truth.
        Honest("A time in 1970 is kept, or the receipt says that it was not", 1),
        Honest("The very beginning of 1970 is kept, or the receipt says that it was not", 0),
        Honest("A time in the year 2099 is kept, or the receipt says that it was not", 4_080_000_000),

        new(Group, "A replaced file has the time of the new one", async (place, stop) =>
        {
            NeedsTimes(place);
            var (old, next) = (ContractContent.Bytes(100), ContractContent.Bytes(100, seed: 2));
            await place.WriteAsync("song", old, stop).ConfigureAwait(false);
            var replaces = await place.StateAsync("song", stop).ConfigureAwait(false);
            var wanted = 1_600_000_000 * Second;
            await place.WriteAsync(place.Request("song", next) with { MtimeNs = wanted, Replaces = replaces }, next, stop).ConfigureAwait(false);
            var found = await place.StateAsync("song", stop).ConfigureAwait(false);
            Expect.That(IsClose(place, found.MtimeNs, wanted), $"the time is {found.MtimeNs} ns, expected {wanted} ns");
        }),
    ];

    private static ContractCase Kept(string name, long wanted) => new(Group, name, async (place, stop) =>
    {
        NeedsTimes(place);
        var (receipt, found) = await WriteAsync(place, wanted, stop).ConfigureAwait(false);
        Expect.That(IsClose(place, found, wanted), $"the time is {found} ns, expected {wanted} ns within {Precision(place)} ns");
        Expect.That(receipt.MtimeKept, "the time was kept, but the receipt says that it was not");
    });

    private static ContractCase Honest(string name, long seconds) => new(Group, name, async (place, stop) =>
    {
        NeedsTimes(place);
        var (receipt, found) = await WriteAsync(place, seconds * Second, stop).ConfigureAwait(false);
        Expect.That(
            !receipt.MtimeKept || IsClose(place, found, seconds * Second),
            $"the receipt says the time was kept, but it is {found} ns instead of {seconds * Second} ns");
        if (!receipt.MtimeKept) place.Remark = "the place cannot keep this time";
    });

    private static async Task<(CommitReceipt Receipt, long Found)> WriteAsync(ContractPlace place, long mtimeNs, CancellationToken stop)
    {
        var content = ContractContent.Bytes(100);
        var receipt = await place.WriteAsync(place.Request("song", content) with { MtimeNs = mtimeNs }, content, stop).ConfigureAwait(false);
        return (receipt, (await place.StateAsync("song", stop).ConfigureAwait(false)).MtimeNs);
    }

    private static void NeedsTimes(ContractPlace place) => Expect.Applies(place.Can.Mtime, "the place does not keep times of last change");

    private static bool IsClose(ContractPlace place, long found, long wanted) => Math.Abs(found - wanted) < Precision(place);

    private static long Precision(ContractPlace place) => place.Can.MtimePrecisionNs
        ?? throw new ContractBrokenException("the place says that it keeps times, but not how precisely");
}
