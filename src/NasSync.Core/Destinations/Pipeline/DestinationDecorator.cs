namespace NasSync.Destinations.Pipeline;

/// <summary>
/// A place that wraps another one. Each call to the place goes through <see cref="Around"/>, each call to a copy through <see cref="AroundCopy"/>; a
/// decorator overrides what it needs.
/// </summary>
internal abstract class DestinationDecorator(IDestination inner) : IDestination
{
    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        Around(DestinationCall.Probe, () => inner.ProbeAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
        Around(DestinationCall.Stat, () => inner.StatAsync(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(
        RelativePath? folder,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Reads the whole listing first, so that a retry after a failure in the middle yields no entry twice.
        var entries = await Around(DestinationCall.List, () => ReadAsync(folder, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var entry in entries) yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        Around(DestinationCall.Hash, () => inner.HashAsync(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var session = await Around(
            DestinationCall.Begin,
            () => inner.BeginWriteAsync(request, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return session is ISourceSession taker
            ? new DecoratedSourceSession(taker, request.Size, this)
            : new DecoratedSession(session, request.Size, this);
    }

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        Around(DestinationCall.Adopt, () => inner.AdoptAsync(path, sha256, verify, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        await Around(DestinationCall.Tidy, async () =>
        {
            await inner.RemoveLeftoversAsync(path, fingerprint, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await Around(DestinationCall.Delete, async () =>
        {
            await inner.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Runs a call to the place; by default unchanged.</summary>
    protected virtual ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) => call();

    /// <summary>
    /// Runs a call to a copy: <see cref="DestinationCall.Write"/> with its bytes, or <see cref="DestinationCall.Commit"/>. By default unchanged.
    /// </summary>
    protected virtual ValueTask<T> AroundCopy<T>(
        DestinationCall operation,
        int bytes,
        Func<ValueTask<T>> call,
        CancellationToken cancellationToken) =>
        call();

    /// <summary>Runs the commit of a copy of <paramref name="size"/> bytes; by default like any call to a copy.</summary>
    protected virtual ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        AroundCopy(DestinationCall.Commit, 0, call, cancellationToken);

    private async ValueTask<List<DestinationEntry>> ReadAsync(RelativePath? folder, CancellationToken cancellationToken)
    {
        var entries = new List<DestinationEntry>();
        await foreach (var entry in inner.ListAsync(folder, cancellationToken).ConfigureAwait(false)) entries.Add(entry);
        return entries;
    }

    private class DecoratedSession(IWriteSession session, long size, DestinationDecorator owner) : IWriteSession
    {
        public long ResumeAt => session.ResumeAt;

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken) =>
            await owner.AroundCopy(DestinationCall.Write, block.Length, async () =>
            {
                await session.WriteAsync(offset, block, cancellationToken).ConfigureAwait(false);
                return true;
            }, cancellationToken).ConfigureAwait(false);

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken) =>
            owner.AroundCommit(size, () => session.CommitAsync(sha256, cancellationToken), cancellationToken);

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }

    private sealed class DecoratedSourceSession(ISourceSession session, long size, DestinationDecorator owner)
        : DecoratedSession(session, size, owner), ISourceSession
    {
        private readonly ISourceSession _taker = session;

        public bool TryTake(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _taker.TryTake(source);
    }
}
