namespace NasSync.Destinations.Pipeline;

/// <summary>The bandwidth limits of a place: its own, and the shared one.</summary>
internal sealed class BandwidthLimits(params TokenBucket[] buckets)
{
    /// <summary>Waits until every limit lets the bytes pass.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        foreach (var bucket in buckets) await bucket.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
    }
}
