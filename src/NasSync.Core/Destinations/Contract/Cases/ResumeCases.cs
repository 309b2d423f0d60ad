namespace NasSync.Destinations.Contract.Cases;

/// <summary>A later attempt ends with the right file, whether it resumes or starts again.</summary>
internal static class ResumeCases
{
    private const string Group = "resume";
    private const int Size = 12 * 1024 * 1024;
    private const int Half = Size / 2;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        new(Group, "A copy that was broken off half way is finished by the next try", async (place, stop) =>
        {
            var content = ContractContent.Bytes(Size);
            var request = place.Request("film.mp4", content);
            await place.BreakOffAsync(request, content, Half, stop).ConfigureAwait(false);
            await FinishAsync(place, request, content, Half, stop).ConfigureAwait(false);
        }),

        new(Group, "A copy that was broken off twice is finished by the third try", async (place, stop) =>
        {
            var content = ContractContent.Bytes(Size);
            var request = place.Request("film.mp4", content);
            await place.BreakOffAsync(request, content, Half / 2, stop).ConfigureAwait(false);
            await place.BreakOffAsync(request, content, Half, stop).ConfigureAwait(false);
            await FinishAsync(place, request, content, Half, stop).ConfigureAwait(false);
        }),

        new(Group, "A copy that was broken off after its last byte is finished by the next try", async (place, stop) =>
        {
            var content = ContractContent.Bytes(2 * ContractPlace.Block);
            var request = place.Request("film.mp4", content);
            await place.BreakOffAsync(request, content, content.Length, stop).ConfigureAwait(false);
            await FinishAsync(place, request, content, content.Length, stop).ConfigureAwait(false);
        }),

        new(Group, "A small copy that was broken off is finished by the next try", async (place, stop) =>
        {
            var content = ContractContent.Bytes(1000);
            var request = place.Request("song", content);
            await place.BreakOffAsync(request, content, 333, stop).ConfigureAwait(false);
            await FinishAsync(place, request, content, 333, stop).ConfigureAwait(false);
        }),

        Other("Another content of the same size does not go on from a copy that was broken off", Size),
        Other("A shorter content does not keep the tail of a longer copy that was broken off", 1000),
        Other("An empty content does not keep anything of a copy that was broken off", 0),

        new(Group, "A successor that was broken off is finished by the next try", async (place, stop) =>
        {
            var (old, next) = (ContractContent.Bytes(100), ContractContent.Bytes(Size, seed: 2));
            var receipt = await place.WriteAsync("film.mp4", old, stop).ConfigureAwait(false);
            var request = place.Request("film.mp4", next) with { Replaces = receipt.Target };
            await place.BreakOffAsync(request, next, Half, stop).ConfigureAwait(false);
            await place.HoldsAsync("film.mp4", old, stop).ConfigureAwait(false);
            await FinishAsync(place, request, next, Half, stop).ConfigureAwait(false);
        }),
    ];

    private static ContractCase Other(string name, int size) => new(Group, name, async (place, stop) =>
    {
        var (broken, other) = (ContractContent.Bytes(Size), ContractContent.Bytes(size, seed: 2));
        await place.BreakOffAsync(place.Request("film.mp4", broken), broken, Half, stop).ConfigureAwait(false);
        var request = place.Request("film.mp4", other);
        await FinishAsync(place, request, other, 0, stop).ConfigureAwait(false);
    });

    // ResumeAt counts bytes that are there for certain, so it cannot exceed the bytes that were sent.
    private static async Task FinishAsync(ContractPlace place, WriteRequest request, byte[] content, long sent, CancellationToken stop)
    {
        var write = await place.BeginAsync(request, content, stop).ConfigureAwait(false);
        await using (write.ConfigureAwait(false))
        {
            Expect.That(
                write.ResumeAt >= 0 && write.ResumeAt <= sent,
                $"ResumeAt is {write.ResumeAt}, but only {sent} bytes were sent of this content");
            Expect.That(place.Can.Resume || write.ResumeAt == 0, $"ResumeAt is {write.ResumeAt}, but the place is said not to resume");
            place.Remark = place.Can.Resume ? $"went on from {write.ResumeAt} of {sent} bytes" : "began again";
            await write.SendRestAsync(stop).ConfigureAwait(false);
            await write.CommitAsync(stop).ConfigureAwait(false);
        }

        await place.HoldsAsync(request.Path.FileName, content, stop).ConfigureAwait(false);
        await place.ListsAsync([request.Path.FileName], stop).ConfigureAwait(false);
    }
}
