namespace NasSync.Destinations.Contract.Cases;

/// <summary>The place keeps every character of a name, or refuses the name permanently.</summary>
internal static class NameCases
{
    private const string Group = "names";
    private const int LongName = 255;

    public static IReadOnlyList<ContractCase> All { get; } =
    [
        Kept("with blanks", "My  Song.m4a"),
        Kept("with a blank at the start and at the end", " song "),
        Kept("with single quotes", "Don't 'Stop'.m4a"),
        Kept("with double quotes", "12\" Mix \"Live\".m4a"),
        Kept("with a line feed", "line\nfeed.m4a"),
        Kept("with a carriage return", "carriage\r\nreturn\r.m4a"),
        Kept("with a tab", "tab\there.m4a"),
        Kept("with other control characters", "bell\u0007 escape\u001b[31m delete\u007f.m4a"),
        Kept("with a number sign", "#1 Hit #2.m4a"),
        Kept("with per cent signs", "100% %20 %41 %zz.m4a"),
        Kept("with a plus", "A+B + C.m4a"),
        Kept("with an ampersand and an equals sign", "R&B=Soul&x=1.m4a"),
        Kept("with a question mark", "Why?.m4a"),
        Kept("with a star", "*NSYNC *.m4a"),
        Kept("with brackets and braces", "[Live] {a,b} (2).m4a"),
        Kept("with a colon and an at sign", "user@host:song.m4a"),
        Kept("with angle brackets and a bar", "<a|b> >c.m4a"),
        Kept("with a caret, an exclamation mark, a comma and a tilde", "~root ^a!b,c~.m4a"),
        Kept("that a shell would run", "$(touch x);`touch y`&&$HOME||!!.m4a"),
        Kept("that begins with a dash", "-rf --delete.m4a"),
        Kept("that is an option", "--help"),
        Kept("that begins with a dot", ".hidden.m4a"),
        Kept("that ends with a dot", "song."),
        Kept("of three dots", "..."),
        Kept("that Windows keeps for a device", "nul.txt"),
        Kept("with letters of many scripts", "Björk Ænima 日本語 Привет العربية.m4a"),
        Kept("with an emoji", "🎵👩‍🎤 mix.m4a"),
        Kept("with invisible characters and bidi marks", "a\u200bb\u202ec\ufeff.m4a"),
        Kept("with composed letters (NFC)", "Caf\u00e9.m4a"),
        Kept("with decomposed letters (NFD)", "Cafe\u0301.m4a", normalizes: true),
        Kept("of 255 bytes", new string('n', LongName - 4) + ".m4a", bytes: LongName),
        Kept("of 255 bytes that are 85 letters", new string('曲', LongName / 3), bytes: LongName),

        new(Group, "A name that is too long is refused for good", async (place, stop) =>
        {
            Expect.Applies(place.Can.LongestName is > 0 and < 3000, "the place has no limit, or does not tell it");
            var name = new string('n', place.Can.LongestName!.Value + 1);
            var failure = await Expect.FailureAsync(() => place.WriteAsync(name, [1], stop), "a name that is too long").ConfigureAwait(false);
            Expect.That(!failure.IsTransient, $"the refusal would be tried again for ever: {failure.Class}, {failure}");
        }),

        new(Group, "Composed and decomposed letters side by side are two files", async (place, stop) =>
        {
            var (one, two) = (ContractContent.Bytes(100), ContractContent.Bytes(200, seed: 2));
            await place.WriteAsync("Caf\u00e9", one, stop).ConfigureAwait(false);
            await NormalizesOrAsync(
                () => place.WriteAsync("Cafe\u0301", two, stop),
                "the place takes composed and decomposed letters for the same").ConfigureAwait(false);
            await place.ListsAsync(["Caf\u00e9", "Cafe\u0301"], stop).ConfigureAwait(false);
            await place.HoldsAsync("Caf\u00e9", one, stop).ConfigureAwait(false);
            await place.HoldsAsync("Cafe\u0301", two, stop).ConfigureAwait(false);
        }),

        new(Group, "Names that differ only in case are what the place says they are", async (place, stop) =>
        {
            var (lower, upper) = (ContractContent.Bytes(100), ContractContent.Bytes(200, seed: 2));
            await place.WriteAsync("song.m4a", lower, stop).ConfigureAwait(false);
            Expect.Applies(place.Can.CaseSensitive is not null, "the place does not say");
            if (place.Can.CaseSensitive == false)
            {
                await Expect.FailureAsync(
                    () => place.WriteAsync("SONG.m4a", upper, stop),
                    "a name that differs only in case",
                    FailureClass.Conflict).ConfigureAwait(false);
            }
            else
            {
                await place.WriteAsync("SONG.m4a", upper, stop).ConfigureAwait(false);
                await place.HoldsAsync("SONG.m4a", upper, stop).ConfigureAwait(false);
                await place.ListsAsync(["SONG.m4a", "song.m4a"], stop).ConfigureAwait(false);
            }

            await place.HoldsAsync("song.m4a", lower, stop).ConfigureAwait(false);
        }),
    ];

    /// <summary>
    /// Marks the case as not applicable when the place refuses the name permanently (class Invalid or Config): the run would park such an item with
    /// the reason. A refused name must not leave a file.
    /// </summary>
    public static async Task UnlessNameIsRefusedAsync(ContractPlace place, string name, Func<Task> write, CancellationToken stop)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class is FailureClass.Invalid or FailureClass.Config)
        {
            await foreach (var entry in place.Destination.ListAsync(place.At(name).Parent, stop).ConfigureAwait(false))
                Expect.That(entry.Path.FileName != place.At(name).FileName, "the name was refused, but a file of that name is there");
            throw new NotApplicableException($"the place refuses the name: {e.Failure.Message}");
        }
    }

    private static ContractCase Kept(
        string which,
        string name,
        int bytes = 0,
        bool normalizes = false) => new(Group, $"A name {which} is kept", async (place, stop) =>
    {
        Expect.Applies(
            bytes == 0 || place.Can.LongestName is null || place.Can.LongestName >= bytes,
            $"the longest name has {place.Can.LongestName} bytes");
        var content = ContractContent.Bytes(100);
        await UnlessNameIsRefusedAsync(place, name, () => place.WriteAsync(name, content, stop), stop).ConfigureAwait(false);
        await place.HoldsAsync(name, content, stop).ConfigureAwait(false);
        var listed = await place.NamesAsync(null, stop).ConfigureAwait(false);
        Expect.Applies(
            !normalizes || listed is not [var one] || one == name || one != UnicodeText.Compose(name),
            "the place composes decomposed letters");
        await place.ListsAsync([name], stop).ConfigureAwait(false);
        await place.Destination.DeleteAsync(place.At(name), stop).ConfigureAwait(false);
        await place.ListsAsync([], stop).ConfigureAwait(false);
    });

    private static async Task NormalizesOrAsync(Func<Task> write, string reason)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (FailureException e) when (e.Failure.Class == FailureClass.Conflict)
        {
            throw new NotApplicableException(reason);
        }
    }
}
