namespace NasSync.Destinations.Contract.Cases;

/// <summary>A delete removes exactly the named file.</summary>
internal static class DeleteCases
{
    private const string Group = "delete";

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "A deleted file is gone, and its name is free", async (place, stop) =>
        {
            var next = ContractContent.Bytes(200, seed: 2);
            await place.WriteAsync("song", ContractContent.Bytes(100), stop).ConfigureAwait(false);
            await place.Destination.DeleteAsync(place.At("song"), stop).ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync("song", next, stop).ConfigureAwait(false);
            await place.HoldsAsync("song", next, stop).ConfigureAwait(false);
        }),

        new(Group, "Deleting a missing file is no error", async (place, stop) =>
        {
            await place.WriteAsync("other", [1], stop).ConfigureAwait(false);
            await place.Destination.DeleteAsync(place.At("missing"), stop).ConfigureAwait(false);
            await place.ListsAsync(["other"], stop).ConfigureAwait(false);
        }),

        new(Group, "Deleting in a missing folder is no error", async (place, stop) =>
            await place.Destination.DeleteAsync(place.At("no/such/folder/missing"), stop).ConfigureAwait(false)),

        new(Group, "Deleting a folder's name leaves the files in it", async (place, stop) =>
        {
            await place.WriteAsync("box/one", [1], stop).ConfigureAwait(false);
            try
            {
                await place.Destination.DeleteAsync(place.At("box"), stop).ConfigureAwait(false);
            }
            catch (FailureException)
            {
                // The place may also refuse the call: a folder is no file.
            }

            await place.HoldsAsync("box/one", [1], stop).ConfigureAwait(false);
        }),

        DeletesOnly("Deleting a name with wildcards removes no other file", "s*g [12]?", ["song 1", "song 2", "s*g [12]", "song [12]?"]),
        DeletesOnly("Deleting a name with blanks removes no other file", "one two", ["one", "two", "one ", " two", "one  two"]),
        DeletesOnly("Deleting a name that is an option removes no other file", "-r", ["r", "--", "-rf"]),
    ];

    private static ContractCase DeletesOnly(string name, string deleted, string[] kept) => new(Group, name, async (place, stop) =>
    {
        foreach (var file in kept.Append(deleted))
            await NameCases.UnlessNameIsRefusedAsync(place, file, () => place.WriteAsync(file, [1], stop), stop).ConfigureAwait(false);
        await place.Destination.DeleteAsync(place.At(deleted), stop).ConfigureAwait(false);
        await place.ListsAsync(kept, stop).ConfigureAwait(false);
    });
}
