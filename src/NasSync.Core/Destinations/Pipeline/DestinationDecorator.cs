namespace NasSync.Destinations.Pipeline;

/// <summary>
/// A place that wraps another one. Each call to the place goes through <see cref="Around"/>, each call to a copy through <see cref="AroundCopy"/>; a
/// decorator overrides what it needs.
/// </summary>
internal abstract class DestinationDecorator(IDestination inner) : IDestination
{
    /// <inheritdoc/>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) =>
        At(DestinationCall.Probe, null, () => inner.ProbeAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FileState?> StatAsync(RelativePath path, CancellationToken cancellationToken) =>
        At(DestinationCall.Stat, path, () => inner.StatAsync(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DestinationEntry> ListAsync(
        RelativePath? folder,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Reads the whole listing first, so that a retry after a failure in the middle yields no entry twice.
        var entries = await At(DestinationCall.List, folder, () => ReadAsync(folder, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var entry in entries) yield return entry;
    }

    /// <inheritdoc/>
    public ValueTask<(string Sha256, VerifiedBy By)?> HashAsync(RelativePath path, CancellationToken cancellationToken) =>
        At(DestinationCall.Hash, path, () => inner.HashAsync(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IWriteSession> BeginWriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        var session = await At(
            DestinationCall.Begin,
            request.Path,
            () => inner.BeginWriteAsync(request, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return session is ISourceSession taker
            ? new DecoratedSourceSession(taker, request, this)
            : new DecoratedSession(session, request, this);
    }

    /// <inheritdoc/>
    public ValueTask<CommitReceipt> AdoptAsync(RelativePath path, string sha256, VerifyLevel verify, CancellationToken cancellationToken) =>
        At(DestinationCall.Adopt, path, () => inner.AdoptAsync(path, sha256, verify, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RemoveLeftoversAsync(RelativePath path, string fingerprint, CancellationToken cancellationToken) =>
        await At(DestinationCall.Tidy, path, async () =>
        {
            await inner.RemoveLeftoversAsync(path, fingerprint, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(RelativePath path, CancellationToken cancellationToken) =>
        await At(DestinationCall.Delete, path, async () =>
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

    /// <summary>Runs any call, of the place or of a copy, with the path that it is about (null: the root); by default as it is.</summary>
    protected virtual ValueTask<T> AtPath<T>(DestinationCall operation, RelativePath? path, Func<ValueTask<T>> call) => call();

    private ValueTask<T> At<T>(DestinationCall operation, RelativePath? path, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        AtPath(operation, path, () => Around(operation, call, cancellationToken));

    private async ValueTask<List<DestinationEntry>> ReadAsync(RelativePath? folder, CancellationToken cancellationToken)
    {
        var entries = new List<DestinationEntry>();
        await foreach (var entry in inner.ListAsync(folder, cancellationToken).ConfigureAwait(false)) entries.Add(entry);
        return entries;
    }

    private class DecoratedSession(IWriteSession session, WriteRequest request, DestinationDecorator owner) : IWriteSession
    {
        public long ResumeAt => session.ResumeAt;

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken) =>
            await owner.AtPath(DestinationCall.Write, request.Path, () => owner.AroundCopy(DestinationCall.Write, block.Length, async () =>
            {
                await session.WriteAsync(offset, block, cancellationToken).ConfigureAwait(false);
                return true;
            }, cancellationToken)).ConfigureAwait(false);

        public ValueTask<CommitReceipt> CommitAsync(string? sha256, CancellationToken cancellationToken) =>
            owner.AtPath(
                DestinationCall.Commit,
                request.Path,
                () => owner.AroundCommit(request.Size, () => session.CommitAsync(sha256, cancellationToken), cancellationToken));

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }

    private sealed class DecoratedSourceSession(ISourceSession session, WriteRequest request, DestinationDecorator owner)
        : DecoratedSession(session, request, owner), ISourceSession
    {
        private readonly ISourceSession _taker = session;

        public bool TryTake(Microsoft.Win32.SafeHandles.SafeFileHandle source) => _taker.TryTake(source);
    }
}
