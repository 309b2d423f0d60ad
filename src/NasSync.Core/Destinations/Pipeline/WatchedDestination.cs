namespace NasSync.Destinations.Pipeline;

/// <summary>Watches the calls to a place for one that does not come back.</summary>
internal sealed class WatchedDestination(IDestination inner, HangWatch watch) : DestinationDecorator(inner)
{
    // The whole file may be flushed or read back before a commit is done.
    private const double SlowestBytesPerSecond = 64 * 1024;

    // Nobody knows how large a file is that is to be hashed.
    private static readonly TimeSpan HashLimit = TimeSpan.FromHours(4);

    /// <inheritdoc/>
    protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        watch.WatchAsync(operation.Name(), operation is DestinationCall.Hash or DestinationCall.Adopt ? HashLimit : watch.Limit, call);

    /// <inheritdoc/>
    protected override ValueTask<T> AroundCopy<T>(
        DestinationCall operation,
        int bytes,
        Func<ValueTask<T>> call,
        CancellationToken cancellationToken) =>
        watch.WatchAsync(operation.Name(), watch.Limit, call);

    /// <inheritdoc/>
    protected override ValueTask<T> AroundCommit<T>(long size, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        watch.WatchAsync(DestinationCall.Commit.Name(), watch.Limit + TimeSpan.FromSeconds(size / SlowestBytesPerSecond), call);
}
