namespace NasSync;

/// <summary>Something that people should be told once, although nothing failed.</summary>
/// <param name="Code">A stable PascalCase name of the exact case, such as <c>LedgerSetAside</c>; scripts may match it.</param>
/// <param name="Message">One sentence that names the subject.</param>
/// <param name="Hint">The consequence, or what to do, as one sentence.</param>
public sealed record Notice(string Code, string Message, string Hint)
{
    /// <summary>True when everything may well be in order, so that it is shown as a note rather than a warning. Default false.</summary>
    public bool IsCalm { get; init; }

    /// <summary>Message and hint.</summary>
    public override string ToString() => $"{Message} {Hint}";
}
