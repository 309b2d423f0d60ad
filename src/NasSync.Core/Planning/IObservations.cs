namespace NasSync.Planning;

/// <summary>
/// What the planner may query. It queries as little as possible: a target that the ledger proves unchanged is not examined, and a hash is requested
/// only when two files have the same size. Answers must not change while one plan is made.
/// </summary>
public interface IObservations
{
    /// <summary>The current state of the source.</summary>
    /// <exception cref="FailureException">The source is missing, not a regular file, or outside its job folder.</exception>
    FileState Source(Manifest manifest, Artifact artifact);

    /// <summary>The SHA-256 of the source, lower-case hex.</summary>
    /// <exception cref="FailureException">The source cannot be read.</exception>
    string SourceHash(Manifest manifest, Artifact artifact);

    /// <summary>The state of the file at a target; null when there is none.</summary>
    /// <exception cref="FailureException">The destination cannot be queried, or the entry is not a file.</exception>
    FileState? Target(Target target);

    /// <summary>The SHA-256 of the file at a target, lower-case hex.</summary>
    /// <exception cref="FailureException">The file cannot be read.</exception>
    string TargetHash(Target target);

    /// <summary>
    /// Why no copy could be made at a target, as far as this is visible without writing; null when a copy should succeed or only an attempt can tell.
    /// </summary>
    Failure? WhyNotWritable(Target target) => null;

    /// <summary>Why the source must stay although its route says <c>release: delete</c>; null when it may be removed.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="artifact">The artifact.</param>
    /// <param name="goesNow">True when all its copies exist already, so that the source would be removed now.</param>
    /// <exception cref="FailureException">The source cannot be opened.</exception>
    Notice? KeptBecause(Manifest manifest, Artifact artifact, bool goesNow) => null;

    /// <summary>The recorded copies of a job, including superseded ones, in no particular order.</summary>
    IReadOnlyList<RecordedCopy> OfJob(string jobId);

    /// <summary>The recorded copy that stands at a target, by <see cref="NasSync.Target.Key"/>; null when there is none.</summary>
    RecordedCopy? Owner(Target target);

    /// <summary>The copies that a killed run may have left at a target without recording them.</summary>
    IReadOnlyList<UnrecordedCopy> Unrecorded(Target target);
}
