namespace NasSync.Planning;

/// <summary>Observations that can read the compared parts of a job's copies more cheaply than as <see cref="RecordedCopy"/>.</summary>
internal interface IKnowsCopies
{
    /// <summary>Adds the recorded copies of a job, including superseded ones.</summary>
    void Know(string jobId, KnownCopies copies);
}
