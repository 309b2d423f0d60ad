namespace NasSync.Destinations.Contract.Cases;

/// <summary>A copy that is cancelled before its commit leaves nothing visible.</summary>
internal static class CancelCases
{
    private const string Group = "cancel";

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "A commit that is cancelled beforehand leaves nothing visible", async (place, stop) =>
        {
            var content = ContractContent.Bytes(5000);
            var write = await place.BeginAsync(place.Request("song", content), content, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendRestAsync(stop).ConfigureAwait(false);
                Expect.That(await IsStoppedAsync(token => write.CommitAsync(token)).ConfigureAwait(false), "the cancelled commit went through");
            }

            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync("song", content, stop).ConfigureAwait(false);
            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),

        new(Group, "A cancelled commit leaves the file it was to replace", async (place, stop) =>
        {
            var (old, next) = (ContractContent.Bytes(3000), ContractContent.Bytes(5000, seed: 2));
            var receipt = await place.WriteAsync("song", old, stop).ConfigureAwait(false);
            var write = await place.BeginAsync(place.Request("song", next) with { Replaces = receipt.Target }, next, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendRestAsync(stop).ConfigureAwait(false);
                Expect.That(await IsStoppedAsync(token => write.CommitAsync(token)).ConfigureAwait(false), "the cancelled commit went through");
            }

            await place.HoldsAsync("song", old, stop).ConfigureAwait(false);
        }),

        new(Group, "A write that is cancelled leaves nothing visible and the place usable", async (place, stop) =>
        {
            var content = ContractContent.Bytes(3 * ContractPlace.Block);
            var write = await place.BeginAsync(place.Request("song", content), content, stop).ConfigureAwait(false);
            await using (write.ConfigureAwait(false))
            {
                await write.SendAsync(write.ResumeAt, ContractPlace.Block, stop).ConfigureAwait(false);
                _ = await IsStoppedAsync(token => write.SendAsync(ContractPlace.Block, content.Length, token)).ConfigureAwait(false);
            }

            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync("song", content, stop).ConfigureAwait(false);
            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),

        new(Group, "A beginning that is cancelled leaves nothing visible and the place usable", async (place, stop) =>
        {
            var content = ContractContent.Bytes(5000);
            _ = await IsStoppedAsync(async token =>
            {
                var write = await place.BeginAsync(place.Request("song", content), content, token).ConfigureAwait(false);
                await write.DisposeAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
            await place.LacksAsync("song", stop).ConfigureAwait(false);
            await place.WriteAsync("song", content, stop).ConfigureAwait(false);
            await place.HoldsAsync("song", content, stop).ConfigureAwait(false);
        }),
    ];

    private static async Task<bool> IsStoppedAsync(Func<CancellationToken, Task> call)
    {
        try
        {
            await call(new CancellationToken(canceled: true)).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
