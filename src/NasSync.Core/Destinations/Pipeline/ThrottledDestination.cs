namespace NasSync.Destinations.Pipeline;

/// <summary>Holds the blocks of all copies to a place within its limits on bandwidth.</summary>
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
