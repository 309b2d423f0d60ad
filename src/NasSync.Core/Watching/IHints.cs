namespace NasSync.Watching;

/// <summary>What seems to have happened.</summary>
internal enum HintKind
{
    /// <summary>A job folder was renamed into place: what is in it is whole.</summary>
    JobArrived,

    /// <summary>Something appeared in the outputs folder, or in a job folder without a word that it is finished.</summary>
    JobTouched,

    /// <summary>A job folder went away.</summary>
    JobGone,

    /// <summary>A manifest was closed after writing, or renamed into place.</summary>
    ManifestWritten,

    /// <summary>Another file of a job was.</summary>
    FileWritten,

    /// <summary>Hints were lost: anything may have happened.</summary>
    Overflow,

    /// <summary>The outputs folder itself was removed, moved or unmounted; no more hints come from it.</summary>
    FolderGone,
}

/// <summary>One hint.</summary>
/// <param name="Kind">What seems to have happened.</param>
/// <param name="Job">The job folder's name; empty where it is about the outputs folder.</param>
internal readonly record struct Hint(HintKind Kind, string Job);

/// <summary>What became of the wish to watch one job folder.</summary>
internal enum WatchOutcome
{
    /// <summary>Its changes are told from now on; what was before must be looked at.</summary>
    Watched,

    /// <summary>As many folders are watched as may be.</summary>
    Refused,

    /// <summary>It is no folder, or not there any more.</summary>
    NoFolder,
}

/// <summary>
/// Where hints about an outputs folder come from. They may be late, doubled or lost; whoever uses them scans too. One thread uses it;
/// <see cref="Wake"/> may come from any.
/// </summary>
internal interface IHints : IDisposable
{
    /// <summary>How many job folders are watched one by one.</summary>
    int Jobs { get; }

    /// <summary>Begins with the folder as it is now; all that was watched before is forgotten.</summary>
    /// <returns>Null when hints will come from now on; else why not.</returns>
    Notice? Arm();

    /// <summary>Ends all hints.</summary>
    void Disarm();

    /// <summary>Watches a job folder, if it is not watched already.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="because">Set when the system refuses: what people should know.</param>
    WatchOutcome Watch(string job, out Notice? because);

    /// <summary>Ends that.</summary>
    void Unwatch(string job);

    /// <summary>Waits until there are hints, or for <see cref="Wake"/>.</summary>
    void WaitForAny();

    /// <summary>Ends the wait of now, or the next one.</summary>
    void Wake();

    /// <summary>Takes some of the hints that are there, in their order, without waiting.</summary>
    void Read(List<Hint> into);
}
