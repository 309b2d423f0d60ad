using Microsoft.Win32.SafeHandles;

namespace NasSync.Destinations;

/// <summary>
/// One copy on its way; hides part files, multipart uploads and remote handles. Blocks come once each, in order, from offset 0 or from
/// <see cref="ResumeAt"/>. Disposing before the commit gives the copy up: nothing is visible under the final name; what a later try can resume
/// from may stay where the place supports that.
/// </summary>
internal interface IWriteSession : IAsyncDisposable
{
    /// <summary>How many bytes an earlier try has brought there for certain; blocks below need not be sent again. 0 when none.</summary>
    long ResumeAt { get; }

    /// <summary>Takes the next block. The block may be used again by the caller once the task is done.</summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken);

    /// <summary>Proves the copy as the request asks, makes it durable and gives it its final name.</summary>
    /// <param name="sha256">The source's hash, lower-case hex; null only when nothing was written because the source itself was taken.</param>
    /// <param name="cancellationToken">Given up before the final name is given; after that the commit is finished.</param>
    /// <exception cref="FailureException">Not proven, or the target is taken (Conflict); the target is as it was.</exception>
    ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken);
}

/// <summary>
/// A session that may take the source itself instead of its blocks: it shares its extents, or hands the open file to who carries it.
/// </summary>
internal interface ISourceSession : IWriteSession
{
    /// <summary>Takes the source. The handle stays valid, and the file is the caller's to watch for changes, until the commit has ended.</summary>
    /// <returns>True when no block needs to be written; false when the session wants the blocks.</returns>
    bool TryTake(SafeFileHandle source);
}

/// <summary>What is to be written.</summary>
internal sealed record WriteRequest
{
    /// <summary>The final name.</summary>
    public required RelativePath Path { get; init; }

    /// <summary>Bytes, known beforehand.</summary>
    public required long Size { get; init; }

    /// <summary>Time of last change to keep, in nanoseconds since 1970 UTC.</summary>
    public required long MtimeNs { get; init; }

    /// <summary>Which content this is: the same text means the same bytes, so that a broken-off try can be resumed.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How sure the copy must be.</summary>
    public required VerifyLevel Verify { get; init; }

    /// <summary>The file that may be replaced, as the planner saw it; null: the target must not exist.</summary>
    public FileState? Replaces { get; init; }

    /// <summary>The source has holes, which a place that can should keep.</summary>
    public bool Sparse { get; init; }

    /// <summary>Told how many bytes of a taken source were sent so far, from any thread. Default null: nobody asks.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>What is written, for metadata: the job and the artifact. Null for a probe.</summary>
    public string? Origin { get; init; }
}
