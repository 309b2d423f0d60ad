namespace NasSync.Failures;

/// <summary>One row of the <see cref="FailureTable"/>: a code that scripts may match, and what it means in general.</summary>
/// <param name="Code">The stable name; it is never given another meaning.</param>
/// <param name="Classes">What it is by far most often, then what else it may be; of a notice none.</param>
/// <param name="Meaning">One sentence; the failure itself names the item.</param>
/// <param name="Cure">What to do about it in general, as one sentence; the failure's own hint is more exact.</param>
public sealed record FailureCode(string Code, IReadOnlyList<FailureClass> Classes, string Meaning, string Cure);
