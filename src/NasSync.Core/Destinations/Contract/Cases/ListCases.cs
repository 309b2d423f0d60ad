namespace NasSync.Destinations.Contract.Cases;

/// <summary>A listing shows all files of a folder and nothing else.</summary>
internal static class ListCases
{
    private const string Group = "list";
    private const int Many = 60;
    private const int WritersAtOnce = 8;
    private const int LookedAtInRoot = 1000;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "A listing shows every file with its size", async (place, stop) =>
        {
            var sizes = Enumerable.Range(1, Many).ToDictionary(i => $"song {i:000}.m4a", i => 10 + i);
            var options = new ParallelOptions { MaxDegreeOfParallelism = WritersAtOnce, CancellationToken = stop };
            await Parallel.ForEachAsync(sizes, options, async (file, token) =>
                await place.WriteAsync(file.Key, ContractContent.Bytes(file.Value), token).ConfigureAwait(false)).ConfigureAwait(false);
            await place.ListsAsync(sizes.Keys, stop).ConfigureAwait(false);
            await foreach (var entry in place.Destination.ListAsync(place.Folder, stop).ConfigureAwait(false))
                Expect.Equal(sizes[entry.Path.FileName], entry.State.Size, $"the listed size of {entry.Path.FileName}");
        }),

        new(Group, "A listing shows the files of its folder and not those below", async (place, stop) =>
        {
            foreach (var name in new[] { "here", "below/there", "below/deeper/there" }) await place.WriteAsync(name, [1], stop).ConfigureAwait(false);
            await place.ListsAsync(["here"], stop).ConfigureAwait(false);
            Expect.That(await place.NamesAsync("below", stop).ConfigureAwait(false) is ["there"], "the folder below does not list its one file");
        }),

        new(Group, "A listing does not show files of folders whose names only begin the same", async (place, stop) =>
        {
            foreach (var name in new[] { "ab/one", "abc/two", "ab.txt", "ab-/three" }) await place.WriteAsync(name, [1], stop).ConfigureAwait(false);
            Expect.That(await place.NamesAsync("ab", stop).ConfigureAwait(false) is ["one"], "the folder 'ab' does not list exactly its one file");
        }),

        new(Group, "A listing shows no copy that is on its way", async (place, stop) =>
        {
            var content = ContractContent.Bytes(2 * ContractPlace.Block);
            await place.WriteAsync("done", [1], stop).ConfigureAwait(false);
            var write = await place.BeginAsync(place.Request("on its way", content), content, stop).ConfigureAwait(false);
            await using var _ = write.ConfigureAwait(false);
            await write.SendRestAsync(stop).ConfigureAwait(false);
            await place.ListsAsync(["done"], stop).ConfigureAwait(false);
        }),

        new(Group, "A listing shows nothing of a copy that was given up", async (place, stop) =>
        {
            var content = ContractContent.Bytes(2 * ContractPlace.Block);
            await place.WriteAsync("done", [1], stop).ConfigureAwait(false);
            await place.BreakOffAsync(place.Request("given up", content), content, ContractPlace.Block, stop).ConfigureAwait(false);
            await place.ListsAsync(["done"], stop).ConfigureAwait(false);
        }),

        new(Group, "A folder whose files are gone lists nothing", async (place, stop) =>
        {
            await place.WriteAsync("box/one", [1], stop).ConfigureAwait(false);
            await place.Destination.DeleteAsync(place.At("box/one"), stop).ConfigureAwait(false);
            Expect.That(await place.NamesAsync("box", stop).ConfigureAwait(false) is [], "the empty folder lists something");
        }),

        new(Group, "A missing folder lists nothing", async (place, stop) =>
            Expect.That(await place.NamesAsync("no/such/folder", stop).ConfigureAwait(false) is [], "the missing folder lists something")),

        new(Group, "The root can be listed, and the reader may stop early", async (place, stop) =>
        {
            await place.WriteAsync("inside", [1], stop).ConfigureAwait(false);
            var left = LookedAtInRoot;
            await foreach (var entry in place.Destination.ListAsync(null, stop).ConfigureAwait(false))
            {
                Expect.Equal(1, entry.Path.Components.Count, $"the depth of {Failure.Quote(entry.Path.Value)} in the root's listing");
                Expect.That(entry.Path.Value != place.Folder.Components[0], "the folder of the contract is listed as a file");
                if (--left == 0) break;
            }
        }),
    ];
}
