namespace NasSync.Destinations.Pipeline;

/// <summary>Keeps the blocks of all copies to a place within its bandwidth limits.</summary>
internal sealed class ThrottledDestination(IDestination inner, BandwidthLimits limits) : DestinationDecorator(inner)
{
    /// <inheritdoc/>
    protected override async ValueTask<T> AroundCopy<T>(
        DestinationCall operation,
        int bytes,
        Func<ValueTask<T>> call,
        CancellationToken cancellationToken)
    {
        if (bytes > 0) await limits.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
        return await call().ConfigureAwait(false);
    }
}
