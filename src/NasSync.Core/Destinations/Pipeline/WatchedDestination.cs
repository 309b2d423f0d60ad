namespace NasSync.Destinations.Pipeline;

/// <summary>Watches the calls to a place for one that does not return.</summary>
internal sealed class WatchedDestination(IDestination inner, HangWatch watch) : DestinationDecorator(inner)
{
    // A commit may flush or read back the whole file.
    private const double SlowestBytesPerSecond = 64 * 1024;

    // The size of the file to be hashed is unknown.
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
