using Microsoft.Win32.SafeHandles;

namespace NasSync.Destinations;

/// <summary>
/// One copy in progress; hides part files, multipart uploads and remote handles. The caller writes each block once, in order, from offset 0 or from
/// <see cref="ResumeAt"/>. Disposing before the commit abandons the copy: the final name shows nothing, but data that a later attempt can resume from
/// may remain where the place supports that.
/// </summary>
internal interface IWriteSession : IAsyncDisposable
{
    /// <summary>Bytes that an earlier attempt has stored for certain; the caller need not send them again. 0 when there are none.</summary>
    long ResumeAt { get; }

    /// <summary>Writes the next block. The caller may reuse the buffer once the task has completed.</summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken);

    /// <summary>Verifies the copy at the requested level, makes it durable and gives it its final name.</summary>
    /// <param name="sha256">The source's hash, lower-case hex; null only when no block was written because the session took the source
    /// itself.</param>
    /// <param name="cancellationToken">Cancels until the final name is given; after that the commit runs to its end.</param>
    /// <exception cref="FailureException">The copy was not verified, or another file has the final name (class Conflict); the target is
    /// unchanged.</exception>
    ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken);
}

/// <summary>
/// A session that may take the source itself instead of its blocks: it shares the source's extents, or passes the open file to the process that sends
/// it.
/// </summary>
internal interface ISourceSession : IWriteSession
{
    /// <summary>Takes the source. Until the commit has ended, the caller keeps the handle valid and watches the file for changes.</summary>
    /// <returns>True when the caller need not write blocks; false when the session needs them.</returns>
    bool TryTake(SafeFileHandle source);
}

/// <summary>The request for one copy.</summary>
internal sealed record WriteRequest
{
    /// <summary>The final name.</summary>
    public required RelativePath Path { get; init; }

    /// <summary>Size in bytes, known in advance.</summary>
    public required long Size { get; init; }

    /// <summary>Modification time to keep, in nanoseconds since 1970 UTC.</summary>
    public required long MtimeNs { get; init; }

    /// <summary>Identifies the content: an equal fingerprint means equal bytes, so that an interrupted attempt can be resumed.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The required verification level.</summary>
    public required VerifyLevel Verify { get; init; }

    /// <summary>The file that may be replaced, as the planner saw it; null when no file may exist at the target.</summary>
    public FileState? Replaces { get; init; }

    /// <summary>The source has holes, which the place should keep if it can.</summary>
    public bool Sparse { get; init; }

    /// <summary>Receives the bytes sent so far of a source that the session took, from any thread. Default null: no reports.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>Job and artifact of the copy, for metadata. Null for a probe.</summary>
    public string? Origin { get; init; }
}
