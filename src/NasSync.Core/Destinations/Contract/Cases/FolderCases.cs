namespace NasSync.Destinations.Contract.Cases;

/// <summary>A copy creates the folders that it needs.</summary>
internal static class FolderCases
{
    private const string Group = "folders";
    private const int Writers = 8;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Holds("Twelve folders deep are made", string.Join('/', Enumerable.Range(1, 12).Select(i => $"level {i}")) + "/song.m4a"),
        Holds("A path of about a thousand bytes is kept", string.Join('/', Enumerable.Repeat(new string('f', 80), 11)) + "/song.m4a"),
        Holds("Folders whose names a shell would read are only folders", "$(id)/`id`/;id;/* ?/-rf/'quoted' \"twice\"/#1 50%/song.m4a"),
        Holds("Folders whose names are not ASCII keep them", "Sigur Rós/Ágætis byrjun/ポップ/🎵/song.m4a"),

        new(Group, "A second file in a folder is no trouble", async (place, stop) =>
        {
            var (one, two) = (ContractContent.Bytes(100), ContractContent.Bytes(200, seed: 2));
            await place.WriteAsync("a/b/one", one, stop).ConfigureAwait(false);
            await place.WriteAsync("a/b/two", two, stop).ConfigureAwait(false);
            await place.HoldsAsync("a/b/one", one, stop).ConfigureAwait(false);
            await place.HoldsAsync("a/b/two", two, stop).ConfigureAwait(false);
        }),

        new(Group, "Several writers may need the same new folders at once", async (place, stop) =>
        {
            var names = Enumerable.Range(1, Writers).Select(i => $"new/folder/for/all/{i}").ToArray();
            await Task.WhenAll(names.Select(name => Task.Run(
                () => place.WriteAsync(name, ContractContent.Bytes(100), stop),
                stop))).ConfigureAwait(false);
            foreach (var name in names) await place.HoldsAsync(name, ContractContent.Bytes(100), stop).ConfigureAwait(false);
        }),
    ];

    private static ContractCase Holds(string name, string path) => new(Group, name, async (place, stop) =>
    {
        var content = ContractContent.Bytes(100);
        await NameCases.UnlessNameIsRefusedAsync(place, path, () => place.WriteAsync(path, content, stop), stop).ConfigureAwait(false);
        await place.HoldsAsync(path, content, stop).ConfigureAwait(false);
        var listed = await place.NamesAsync(path[..path.LastIndexOf('/')], stop).ConfigureAwait(false);
        Expect.That(listed is ["song.m4a"], $"the deepest folder lists [{string.Join(", ", listed)}]");
    });
}
