namespace NasSync.Destinations.Contract.Cases;

/// <summary>A copy replaces only the file that the planner saw, in one step.</summary>
internal static class ReplaceCases
{
    private const string Group = "replace";
    private const long EarlierNs = 1_600_000_000_000_000_000;
    private static readonly byte[] Old = ContractContent.Bytes(3000);

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Replaced("The file that was seen is replaced", ContractContent.Bytes(3000, seed: 2)),
        Replaced("A longer file replaces a shorter one", ContractContent.Bytes(600_000, seed: 2)),
        Replaced("A shorter file replaces a longer one without its tail", ContractContent.Bytes(7, seed: 2)),
        Replaced("An empty file replaces a full one", []),
        Replaced("The same content again is no trouble", Old),

        new(Group, "A file that has another size than the one that was seen is kept", (place, stop) =>
            ChangedAsync(place, ContractContent.Bytes(4000, seed: 2), place.Request("song", []).MtimeNs, stop)),

        new(Group, "A file of the same size that was changed since it was seen is kept", (place, stop) =>
        {
            Expect.Applies(place.Can.Mtime, "the place does not keep times of last change");
            return ChangedAsync(place, ContractContent.Bytes(Old.Length, seed: 2), EarlierNs, stop);
        }),

        new(Group, "A file that was changed while its successor was on its way is kept", async (place, stop) =>
        {
            var (other, mine) = (ContractContent.Bytes(4000, seed: 2), ContractContent.Bytes(5000, seed: 3));
            await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
            var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
            var write = await place.BeginAsync(place.Request("song", mine) with { Replaces = seen }, mine, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendRestAsync(stop).ConfigureAwait(false);
                await place.WriteAsync(place.Request("song", other) with { Replaces = seen }, other, stop).ConfigureAwait(false);
                await Expect.FailureAsync(() => write.CommitAsync(stop), "a file over one that changed", FailureClass.Conflict).ConfigureAwait(false);
            }

            await place.HoldsAsync("song", other, stop).ConfigureAwait(false);
        }),

        new(Group, "A file that was seen but is gone is written again, or refused as a conflict", async (place, stop) =>
        {
            var next = ContractContent.Bytes(4000, seed: 2);
            await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
            var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
            await place.Destination.DeleteAsync(place.At("song"), stop).ConfigureAwait(false);
            try
            {
                await place.WriteAsync(place.Request("song", next) with { Replaces = seen }, next, stop).ConfigureAwait(false);
            }
            catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
            {
                await place.LacksAsync("song", stop).ConfigureAwait(false);
                return;
            }

            await place.HoldsAsync("song", next, stop).ConfigureAwait(false);
        }),

        new(Group, "The old file is there, whole, until the new one is committed", async (place, stop) =>
        {
            var next = ContractContent.Bytes(600_000, seed: 2);
            await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
            var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
            var write = await place.BeginAsync(place.Request("song", next) with { Replaces = seen }, next, stop).ConfigureAwait(false);
            await using var _ = write.ConfigureAwait(false);
            await write.SendRestAsync(stop).ConfigureAwait(false);
            Expect.Equal(seen, await place.StateAsync("song", stop).ConfigureAwait(false), "the state of the old file before the commit");
            await place.HoldsAsync("song", Old, stop).ConfigureAwait(false);
            await write.CommitAsync(stop).ConfigureAwait(false);
            await place.HoldsAsync("song", next, stop).ConfigureAwait(false);
        }),

        new(Group, "A successor that is given up leaves the old file as it was", async (place, stop) =>
        {
            var next = ContractContent.Bytes(600_000, seed: 2);
            await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
            var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
            await place.BreakOffAsync(place.Request("song", next) with { Replaces = seen }, next, 300_000, stop).ConfigureAwait(false);
            Expect.Equal(seen, await place.StateAsync("song", stop).ConfigureAwait(false), "the state of the old file");
            await place.HoldsAsync("song", Old, stop).ConfigureAwait(false);
        }),

        new(Group, "While a file is replaced again and again, a reader always sees a whole one", async (place, stop) =>
        {
            byte[][] contents = [
                Old,
                ContractContent.Bytes(4000, seed: 2),
                ContractContent.Bytes(5000, seed: 3),
                ContractContent.Bytes(6000, seed: 4),
            ];
            await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
            var writing = ReplaceOftenAsync(place, contents, stop);
            long[] sizes = [.. contents.Select(content => (long)content.Length)];
            try
            {
                await LookAsync().ConfigureAwait(false);
            }
            finally
            {
                // Its files are removed next, so the writer must have ended also where a promise is broken.
                await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await writing.ConfigureAwait(false);

            async Task LookAsync()
            {
                do
                {
                    // Where a replacement takes two steps, a reader between them finds nothing.
                    var state = await place.Destination.StatAsync(place.At("song"), stop).ConfigureAwait(false);
                    Expect.That(state is not null || !place.Can.AtomicReplace, "a reader found no file while it was replaced");
                    Expect.That(
                        state is not { } seen || sizes.Contains(seen.Size),
                        $"a reader saw {state?.Size} bytes, which is no file that was written");
                }
                while (!writing.IsCompleted);
            }
        }),
    ];

    private static ContractCase Replaced(string name, byte[] next) => new(Group, name, async (place, stop) =>
    {
        await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
        var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
        await place.WriteAsync(place.Request("song", next) with { Replaces = seen }, next, stop).ConfigureAwait(false);
        await place.HoldsAsync("song", next, stop).ConfigureAwait(false);
        await place.ListsAsync(["song"], stop).ConfigureAwait(false);
    });

    private static async Task ChangedAsync(ContractPlace place, byte[] other, long otherMtimeNs, CancellationToken stop)
    {
        var mine = ContractContent.Bytes(5000, seed: 3);
        await place.WriteAsync("song", Old, stop).ConfigureAwait(false);
        var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
        await place.WriteAsync(place.Request("song", other) with { Replaces = seen, MtimeNs = otherMtimeNs }, other, stop).ConfigureAwait(false);
        await Expect.FailureAsync(
            () => place.WriteAsync(place.Request("song", mine) with { Replaces = seen }, mine, stop),
            "a file over one that changed",
            FailureClass.Conflict).ConfigureAwait(false);
        await place.HoldsAsync("song", other, stop).ConfigureAwait(false);
    }

    private static async Task ReplaceOftenAsync(ContractPlace place, byte[][] contents, CancellationToken stop)
    {
        for (var i = 1; i <= 12; i++)
        {
            var next = contents[i % contents.Length];
            var seen = await place.StateAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync(place.Request("song", next) with { Replaces = seen }, next, stop).ConfigureAwait(false);
            await Task.Yield();
        }
    }
}
