namespace NasSync;

/// <summary>Something that people should know once, although nothing failed.</summary>
/// <param name="Code">A stable PascalCase name of the exact case, such as <c>LedgerSetAside</c>; scripts may match it.</param>
/// <param name="Message">One sentence that names the thing.</param>
/// <param name="Hint">What follows from it, or what to do, as one sentence.</param>
public sealed record Notice(string Code, string Message, string Hint)
{
    /// <summary>Whether all may well be as it should be: it is shown as a note, no warning. Default false.</summary>
    public bool IsCalm { get; init; }

    /// <summary>Message and hint.</summary>
    public override string ToString() => $"{Message} {Hint}";
}
