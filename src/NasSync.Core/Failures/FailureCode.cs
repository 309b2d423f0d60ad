namespace NasSync.Failures;

/// <summary>One row of the <see cref="FailureTable"/>: a code that scripts may match, and its general meaning.</summary>
/// <param name="Code">The stable name, which never changes its meaning.</param>
/// <param name="Classes">The most frequent class first, then other possible ones; empty for a notice.</param>
/// <param name="Meaning">One sentence; the failure itself names the item.</param>
/// <param name="Cure">The general cure, as one sentence; the failure's own hint is more specific.</param>
public sealed record FailureCode(string Code, IReadOnlyList<FailureClass> Classes, string Meaning, string Cure)
{
    /// <summary>
    /// The exit code of a run with only this failure; null when the class decides it. It is 2 for wrong arguments of a command, and 3 when the
    /// configuration or the system must be fixed before anything can run. Program and module use the same one.
    /// </summary>
    public ExitCode? ExitCode { get; init; }
}
