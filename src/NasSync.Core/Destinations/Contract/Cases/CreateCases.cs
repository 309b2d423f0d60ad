namespace NasSync.Destinations.Contract.Cases;

/// <summary>A copy never overwrites an existing file without permission of the plan.</summary>
internal static class CreateCases
{
    private const string Group = "create";
    private const int Racers = 8;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "A new file does not replace one that is there", async (place, stop) =>
        {
            var (old, next) = (ContractContent.Bytes(3000), ContractContent.Bytes(4000, seed: 2));
            await place.WriteAsync("song", old, stop).ConfigureAwait(false);
            var before = await place.StateAsync("song", stop).ConfigureAwait(false);
            await Expect.FailureAsync(
                () => place.WriteAsync("song", next, stop),
                "a new file over an old one",
                FailureClass.Conflict).ConfigureAwait(false);
            Expect.Equal(before, await place.StateAsync("song", stop).ConfigureAwait(false), "the state of the old file");
            await place.HoldsAsync("song", old, stop).ConfigureAwait(false);
        }),

        new(Group, "A new file does not replace an empty one", async (place, stop) =>
        {
            var next = ContractContent.Bytes(4000);
            await place.WriteAsync("song", [], stop).ConfigureAwait(false);
            await Expect.FailureAsync(
                () => place.WriteAsync("song", next, stop),
                "a new file over an empty one",
                FailureClass.Conflict).ConfigureAwait(false);
            await place.HoldsAsync("song", [], stop).ConfigureAwait(false);
        }),

        new(Group, "A new file does not replace one that was made while it was on its way", async (place, stop) =>
        {
            var (other, mine) = (ContractContent.Bytes(3000), ContractContent.Bytes(4000, seed: 2));
            var write = await place.BeginAsync(place.Request("song", mine), mine, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendRestAsync(stop).ConfigureAwait(false);
                await place.WriteAsync("song", other, stop).ConfigureAwait(false);
                await Expect.FailureAsync(() => write.CommitAsync(stop), "the later of two new files", FailureClass.Conflict).ConfigureAwait(false);
            }

            await place.HoldsAsync("song", other, stop).ConfigureAwait(false);
        }),

        new(Group, "A file that is only named like an unfinished part of another is kept when that one comes", async (place, stop) =>
        {
            const string Named = ".song.00000000.nassync-part", Longer = ".song.0000000000000000.nassync-part";
            var (one, two, song) = (ContractContent.Bytes(3000), ContractContent.Bytes(2000, seed: 2), ContractContent.Bytes(4000, seed: 3));
            await place.WriteAsync(Named, one, stop).ConfigureAwait(false);
            await place.WriteAsync(Longer, two, stop).ConfigureAwait(false);
            await place.WriteAsync("song", song, stop).ConfigureAwait(false);
            await place.Destination.RemoveLeftoversAsync(place.At("song"), place.Request("song", song).Fingerprint, stop).ConfigureAwait(false);
            await place.HoldsAsync(Named, one, stop).ConfigureAwait(false);
            await place.HoldsAsync(Longer, two, stop).ConfigureAwait(false);
        }),

        new(Group, "Of eight writers that race for one name exactly one wins", async (place, stop) =>
        {
            Expect.Applies(place.Can.CreateOnly, "the place cannot check and create in one step");
            var contents = Enumerable.Range(1, Racers).Select(seed => ContractContent.Bytes(1000 + seed, seed)).ToArray();
            using var start = new SemaphoreSlim(0);
            var racers = contents.Select(content => Task.Run(() => RaceAsync(place, content, start, stop), stop)).ToArray();
            start.Release(Racers);
            var won = await Task.WhenAll(racers).ConfigureAwait(false);
            Expect.Equal(1, won.Count(winner => winner), "the number of writers that were told they won");
            await place.HoldsAsync("song", contents[Array.IndexOf(won, true)], stop).ConfigureAwait(false);
            await place.ListsAsync(["song"], stop).ConfigureAwait(false);
        }),
    ];

    private static async Task<bool> RaceAsync(ContractPlace place, byte[] content, SemaphoreSlim start, CancellationToken stop)
    {
        await start.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            await place.WriteAsync("song", content, stop).ConfigureAwait(false);
            return true;
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
        {
            return false;
        }
    }
}
