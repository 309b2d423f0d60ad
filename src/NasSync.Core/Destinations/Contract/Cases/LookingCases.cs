namespace NasSync.Destinations.Contract.Cases;

/// <summary>Queries tell what is at the place: probe, stat and hash.</summary>
internal static class LookingCases
{
    private const string Group = "looking";

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "Probing twice gives the same answer", async (place, stop) =>
            Expect.Equal(place.Can, await place.Destination.ProbeAsync(stop).ConfigureAwait(false), "the second answer")),

        new(Group, "A missing file is null, by stat and by hash", async (place, stop) =>
        {
            await place.WriteAsync("other", ContractContent.Bytes(10), stop).ConfigureAwait(false);
            await place.LacksAsync("missing", stop).ConfigureAwait(false);
        }),

        new(Group, "A file in a missing folder is null", (place, stop) => place.LacksAsync("no/such/folder/missing", stop)),

        new(Group, "A folder is not taken for a file", async (place, stop) =>
        {
            await place.WriteAsync("box/inside", ContractContent.Bytes(10), stop).ConfigureAwait(false);
            Expect.Equal(
                null,
                await NullIfRefusedAsync(
                    async () => await place.Destination.StatAsync(place.At("box"), stop).ConfigureAwait(false)).ConfigureAwait(false),
                "stat of a folder");
            Expect.Equal(
                null,
                await NullIfRefusedAsync(
                    async () => await place.Destination.HashAsync(place.At("box"), stop).ConfigureAwait(false)).ConfigureAwait(false),
                "hash of a folder");
            await place.ListsAsync([], stop).ConfigureAwait(false);
        }),

        new(Group, "Nothing is found below a file", async (place, stop) =>
        {
            await place.WriteAsync("song", ContractContent.Bytes(10), stop).ConfigureAwait(false);
            var below = place.At("song/inside");
            Expect.Equal(
                null,
                await NullIfRefusedAsync(async () => await place.Destination.StatAsync(below, stop).ConfigureAwait(false)).ConfigureAwait(false),
                "stat below a file");
        }),
    ];

    // The place may also report that something else is in the way.
    private static async Task<T?> NullIfRefusedAsync<T>(Func<Task<T?>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class is FailureClass.Conflict)
        {
            return default;
        }
    }
}
