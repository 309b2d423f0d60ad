namespace NasSync.Destinations.Contract.Cases;

/// <summary>A final name shows a complete, verified file or nothing.</summary>
internal static class CommitCases
{
    private const string Group = "commit";

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "Nothing is visible before the commit", async (place, stop) =>
        {
            var content = ContractContent.Bytes(2 * ContractPlace.Block);
            var write = await place.BeginAsync(place.Request("song", content), content, stop).ConfigureAwait(false);
            await using var _ = write.ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await write.SendRestAsync(stop).ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await write.CommitAsync(stop).ConfigureAwait(false);
            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),

        new(Group, "A write that is given up leaves nothing visible and the name free", async (place, stop) =>
        {
            var (first, second) = (ContractContent.Bytes(5000), ContractContent.Bytes(4000, seed: 2));
            await place.BreakOffAsync(place.Request("song", first), first, first.Length, stop).ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync("song", second, stop).ConfigureAwait(false);
            await place.HoldsAsync("song", second, stop).ConfigureAwait(false);
        }),

        new(Group, "A write that is given up before its first byte leaves nothing visible", async (place, stop) =>
        {
            var content = ContractContent.Bytes(5000);
            await place.BreakOffAsync(place.Request("song", content), content, 0, stop).ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
        }),

        new(Group, "Disposing after the commit, even twice, keeps the file", async (place, stop) =>
        {
            var content = ContractContent.Bytes(5000);
            var write = await place.BeginAsync(place.Request("song", content), content, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendRestAsync(stop).ConfigureAwait(false);
                await write.CommitAsync(stop).ConfigureAwait(false);
                await write.DisposeAsync().ConfigureAwait(false);
            }

            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),

        new(Group, "Fewer bytes than announced are not committed, whatever the level", async (place, stop) =>
        {
            foreach (var level in Enum.GetValues<VerifyLevel>())
            {
                var content = ContractContent.Bytes(5000);
                var name = $"song {level}";
                await RefusedAsync(
                    place,
                    place.Request(name, content) with { Verify = level },
                    content,
                    content.Length - 1,
                    null,
                    stop).ConfigureAwait(false);
            }
        }),

        new(Group, "A copy that is not what the source's hash says is not committed at level checksum", (place, stop) =>
            WrongHashAsync(place, VerifyLevel.Checksum, stop)),

        new(Group, "A copy that is not what the source's hash says is not committed at level readback", (place, stop) =>
            WrongHashAsync(place, VerifyLevel.Readback, stop)),

        new(Group, "A wrong copy does not harm the file it was to replace", async (place, stop) =>
        {
            var (old, next) = (ContractContent.Bytes(3000), ContractContent.Bytes(4000, seed: 2));
            await place.WriteAsync("song", old, stop).ConfigureAwait(false);
            var replaces = await place.StateAsync("song", stop).ConfigureAwait(false);
            var request = place.Request("song", next) with { Replaces = replaces, Verify = VerifyLevel.Readback };
            await RefusedAsync(place, request, next, next.Length, ContractContent.Sha256(old), stop, visible: true).ConfigureAwait(false);
            Expect.Equal(replaces, await place.StateAsync("song", stop).ConfigureAwait(false), "the state of the old file");
            await place.HoldsAsync("song", old, stop).ConfigureAwait(false);
        }),
    ];

    private static async Task WrongHashAsync(ContractPlace place, VerifyLevel level, CancellationToken stop)
    {
        // A place that compares each block as it writes it computes no hash, so a wrong hash cannot show there; it could only come from the engine.
        if (level == VerifyLevel.Checksum)
        {
            var probe = ContractContent.Bytes(10);
            var receipt = await place.WriteAsync("probe", probe, stop).ConfigureAwait(false);
            Expect.Applies(
                receipt.VerifiedBy != VerifiedBy.ReadBackCached,
                "at this level the place compares each block instead of computing a hash");
        }

        var (content, other) = (ContractContent.Bytes(300_000), ContractContent.Bytes(300_000, seed: 2));
        await RefusedAsync(
            place,
            place.Request("song", content) with { Verify = level },
            content,
            content.Length,
            ContractContent.Sha256(other),
            stop).ConfigureAwait(false);
        await place.WriteAsync("song", other, stop).ConfigureAwait(false);
        await place.HoldsAsync("song", other, stop).ConfigureAwait(false);
    }

    private static async Task RefusedAsync(
        ContractPlace place, WriteRequest request, byte[] content, long sent, string? sha256, CancellationToken stop, bool visible = false)
    {
        var write = await place.BeginAsync(request, content, stop).ConfigureAwait(false);
        await using (write.ConfigureAwait(false))
        {
            await write.SendAsync(write.ResumeAt, Math.Max(sent, write.ResumeAt), stop).ConfigureAwait(false);
            await Expect.FailureAsync(
                () => write.CommitAsync(stop, sha256),
                $"a wrong copy at level {request.Verify}",
                FailureClass.Mismatch,
                FailureClass.Transient).ConfigureAwait(false);
        }

        if (!visible) await place.LacksAsync(request.Path.FileName, stop).ConfigureAwait(false);
    }
}
