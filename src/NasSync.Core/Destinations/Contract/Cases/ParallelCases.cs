namespace NasSync.Destinations.Contract.Cases;

/// <summary>Several tasks may use one destination at the same time.</summary>
internal static class ParallelCases
{
    private const string Group = "parallel";
    private const int Tasks = 16;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "Sixteen files written at once arrive whole", async (place, stop) =>
        {
            var contents = Enumerable.Range(1, Tasks).ToDictionary(i => $"song {i}", i => ContractContent.Bytes(100_000 + (i * 1000), i));
            await Task.WhenAll(contents.Select(file => Task.Run(() => place.WriteAsync(file.Key, file.Value, stop), stop))).ConfigureAwait(false);
            await place.ListsAsync(contents.Keys, stop).ConfigureAwait(false);
            foreach (var (name, content) in contents) await place.HoldsAsync(name, content, stop).ConfigureAwait(false);
        }),

        new(Group, "Two sessions that take turns block by block do not mix", async (place, stop) =>
        {
            const int blocks = 6, block = 50_000;
            var (one, two) = (ContractContent.Bytes(blocks * block), ContractContent.Bytes(blocks * block, seed: 2));
            var first = await place.BeginAsync(place.Request("one", one), one, stop).ConfigureAwait(false);
            await using var _ = first.ConfigureAwait(false);
            var second = await place.BeginAsync(place.Request("two", two), two, stop).ConfigureAwait(false);
            await using var __ = second.ConfigureAwait(false);
            for (var offset = 0; offset < blocks * block; offset += block)
            {
                await first.SendAsync(offset, offset + block, stop, block).ConfigureAwait(false);
                await second.SendAsync(offset, offset + block, stop, block).ConfigureAwait(false);
            }

            await second.CommitAsync(stop).ConfigureAwait(false);
            await first.CommitAsync(stop).ConfigureAwait(false);
            await place.HoldsAsync("one", one, stop).ConfigureAwait(false);
            await place.HoldsAsync("two", two, stop).ConfigureAwait(false);
        }),

        new(Group, "Questions asked at once get the right answers", async (place, stop) =>
        {
            var names = Enumerable.Range(1, Tasks).Select(i => $"song {i}").ToArray();
            await Task.WhenAll(names.Select((name, i) => Task.Run(
                () => place.WriteAsync(name, ContractContent.Bytes(1000 + i, i + 1), stop),
                stop))).ConfigureAwait(false);
            await Task.WhenAll(names.Select((name, i) => Task.Run(() => place.HoldsAsync(name, ContractContent.Bytes(1000 + i, i + 1), stop), stop))
                .Concat(names.Select(name => Task.Run(() => place.LacksAsync($"no {name}", stop), stop)))
                .Append(Task.Run(() => place.ListsAsync(names, stop), stop))).ConfigureAwait(false);
        }),

        new(Group, "One session that fails does not disturb another", async (place, stop) =>
        {
            var content = ContractContent.Bytes(2 * ContractPlace.Block);
            await place.WriteAsync("taken", [1], stop).ConfigureAwait(false);
            var good = await place.BeginAsync(place.Request("good", content), content, stop).ConfigureAwait(false);
            await using var _ = good.ConfigureAwait(false);
            await good.SendAsync(0, ContractPlace.Block, stop).ConfigureAwait(false);
            await Expect.FailureAsync(
                () => place.WriteAsync("taken", [2, 2], stop),
                "a new file over an old one",
                FailureClass.Conflict).ConfigureAwait(false);
            await good.SendAsync(ContractPlace.Block, content.Length, stop).ConfigureAwait(false);
            await good.CommitAsync(stop).ConfigureAwait(false);
            await place.HoldsAsync("good", content, stop).ConfigureAwait(false);
        }),
    ];
}
