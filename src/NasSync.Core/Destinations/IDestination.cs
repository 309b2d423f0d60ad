namespace NasSync.Destinations;

/// <summary>
/// The operations of every place. Paths lie below the destination's root and cannot leave it. A missing file is null, not an exception; every other
/// problem is a <see cref="FailureException"/> whose class tells whether a retry may help. All methods may be called from several tasks at once.
/// </summary>
internal interface IDestination : IAsyncDisposable
{
    /// <summary>Finds out once what the place supports; later calls return the same answer.</summary>
    ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>The file at a path; null when there is none. Inode and device are 0 where the place has none.</summary>
    ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken);

    /// <summary>The files directly in a folder (null: the root), in any order; empty when the folder does not exist.</summary>
    IAsyncEnumerable<DestinationEntry> ListAsync(RelativePath? folder, CancellationToken cancellationToken);

    /// <summary>SHA-256 of the file at a path, lower-case hex, by the strongest method of the place; null when there is no file.</summary>
    ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken);

    /// <summary>Begins a copy. Nothing is visible under the final name until the session commits.</summary>
    ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken);

    /// <summary>Adopts an existing file as a copy: makes it as durable as the place can and returns its receipt.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">The hash that <see cref="HashAsync"/> has just returned; the file is read again when that method was weaker than the
    /// level.</param>
    /// <param name="verify">The required level; the receipt is of this level at least.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what an interrupted write of this content to this path left: a part file, an unfinished upload, a temporary object. Called when the
    /// path turns out to hold the content already. Nothing to remove is no error; a place that leaves nothing does nothing.
    /// </summary>
    /// <param name="path">The final name.</param>
    /// <param name="fingerprint">See <see cref="WriteRequest.Fingerprint"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Removes a file; a missing one is no error.</summary>
    ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken);
}

/// <summary>One file of a listing.</summary>
internal readonly record struct DestinationEntry(RelativePath Path, FileState State);
