namespace NasSync.Watching;

/// <summary>What probably happened.</summary>
internal enum HintKind
{
    /// <summary>A job folder was renamed into place, so its content is complete.</summary>
    JobArrived,

    /// <summary>An entry appeared in the outputs folder, or in a job folder without a sign that it is complete.</summary>
    JobTouched,

    /// <summary>A job folder was removed or moved away.</summary>
    JobGone,

    /// <summary>A manifest was closed after writing, or renamed into place.</summary>
    ManifestWritten,

    /// <summary>Another file of a job was closed after writing, or renamed into place.</summary>
    FileWritten,

    /// <summary>Events were lost: anything may have happened.</summary>
    Overflow,

    /// <summary>The outputs folder itself was removed, moved or unmounted; no more hints will come.</summary>
    FolderGone,
}

/// <summary>A hint.</summary>
/// <param name="Kind">What probably happened.</param>
/// <param name="Job">The job folder's name; empty when the hint concerns the outputs folder.</param>
internal readonly record struct Hint(HintKind Kind, string Job);

/// <summary>The result of a request to watch a job folder.</summary>
internal enum WatchOutcome
{
    /// <summary>The folder is watched from now on; what happened before must be found by examining it.</summary>
    Watched,

    /// <summary>The limit of watched folders is reached.</summary>
    Refused,

    /// <summary>The path is not a folder, or no longer exists.</summary>
    NoFolder,
}

/// <summary>
/// A source of hints about an outputs folder. Hints may be late, repeated or lost, so the caller scans as well. One thread uses it;
/// <see cref="Wake"/> may be called from any.
/// </summary>
internal interface IHints : IDisposable
{
    /// <summary>The number of job folders with a watch of their own.</summary>
    int Jobs { get; }

    /// <summary>Starts watching the folder as it is now; drops all earlier watches.</summary>
    /// <returns>Null when hints will come from now on; otherwise why not.</returns>
    Notice? Arm();

    /// <summary>Stops all hints.</summary>
    void Disarm();

    /// <summary>Watches a job folder, unless it is watched already.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="because">A notice for people when the system refuses.</param>
    WatchOutcome Watch(string job, out Notice? because);

    /// <summary>Stops watching a job folder.</summary>
    void Unwatch(string job);

    /// <summary>Waits for hints or for <see cref="Wake"/>.</summary>
    void WaitForAny();

    /// <summary>Ends the current wait, or the next one.</summary>
    void Wake();

    /// <summary>Takes pending hints in their order, not necessarily all, without waiting.</summary>
    void Read(List<Hint> into);
}
