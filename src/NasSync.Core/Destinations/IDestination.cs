namespace NasSync.Destinations;

/// <summary>
/// What every place can do. Paths are below the destination's root and cannot leave it. A missing file is null, not an exception; every other
/// trouble is a <see cref="FailureException"/> whose class says whether a later try may help. All calls may come from several tasks at once.
/// </summary>
internal interface IDestination : IAsyncDisposable
{
    /// <summary>Looks at what the place supports, once; later calls give the same answer.</summary>
    ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>The file at a path; null when there is none. Inode and device are 0 where the place has none.</summary>
    ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken);

    /// <summary>Files directly in a folder (null: the root), in any order; none when the folder is not there.</summary>
    IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, CancellationToken cancellationToken);

    /// <summary>SHA-256 of the file at a path, lower-case hex, by the strongest way the place has; null when there is no file.</summary>
    ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken);

    /// <summary>Begins a copy. Nothing is visible under the final name until the session commits.</summary>
    ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken);

    /// <summary>Takes a file that is there as a copy: makes it as durable as the place can and says what it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">What <see cref="HashAsync"/> has just said of it; it is read once more where that was less sure than the level.</param>
    /// <param name="verify">How sure the copy must be: the receipt is of this level at least.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what a broken-off write of this content to this path has left: a part file, an unfinished upload, a temporary object. Asked when the
    /// path turned out to hold the content already. Nothing to remove is no error; a place that leaves nothing has nothing to do.
    /// </summary>
    /// <param name="path">The final name.</param>
    /// <param name="fingerprint">As in <see cref="WriteRequest.Fingerprint"/>.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Removes a file; a missing one is no error.</summary>
    ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken);
}

/// <summary>One file of a listing.</summary>
internal readonly record struct DestinationEntry(RelativePath Path, FileState State);
