namespace NasSync.Planning;

/// <summary>A world that can say what is compared of a job's copies for less than it takes to make <see cref="RecordedCopy"/> of each.</summary>
internal interface IKnowsCopies
{
    /// <summary>Adds what the ledger has of a job, superseded copies included.</summary>
    void Know(string jobId, KnownCopies copies);
}
