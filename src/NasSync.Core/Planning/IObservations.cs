namespace NasSync.Planning;

/// <summary>
/// What the planner may ask of the world. It asks for as little as it can: a target that the ledger proves unchanged is never looked at,
/// and a hash is asked for only where two files have the same size. Answers must not change while one plan is made.
/// </summary>
public interface IObservations
{
    /// <summary>The source as it is now.</summary>
    /// <exception cref="FailureException">It is gone, is no regular file, or lies outside its job.</exception>
    FileState Source(Manifest manifest, Artifact artifact);

    /// <summary>SHA-256 of the source, lower-case hex.</summary>
    /// <exception cref="FailureException">It cannot be read.</exception>
    string SourceHash(Manifest manifest, Artifact artifact);

    /// <summary>The file at a target, or null when there is none.</summary>
    /// <exception cref="FailureException">The destination cannot be asked, or something that is no file stands there.</exception>
    FileState? Target(Target target);

    /// <summary>SHA-256 of the file at a target, lower-case hex.</summary>
    /// <exception cref="FailureException">It cannot be read.</exception>
    string TargetHash(Target target);

    /// <summary>
    /// Why no copy could be made at a target, where that can be seen without making one; null where it could, or where only the try tells.
    /// </summary>
    Failure? WhyNotWritable(Target target) => null;

    /// <summary>Why the source must stay although a route says <c>release: delete</c>; null when it may be removed.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="artifact">The artifact.</param>
    /// <param name="goesNow">All its copies stand, so that nothing but this keeps it.</param>
    /// <exception cref="FailureException">The source cannot be opened.</exception>
    Notice? KeptBecause(Manifest manifest, Artifact artifact, bool goesNow) => null;

    /// <summary>What the ledger has recorded of a job, in any order, superseded copies included.</summary>
    IReadOnlyList<RecordedCopy> OfJob(string jobId);

    /// <summary>The copy that stands at a target according to the ledger, by <see cref="NasSync.Target.Key"/>; null when it knows none.</summary>
    RecordedCopy? Owner(Target target);

    /// <summary>What a run that was killed may have put at a target without recording it.</summary>
    IReadOnlyList<UnrecordedCopy> Unrecorded(Target target);
}
