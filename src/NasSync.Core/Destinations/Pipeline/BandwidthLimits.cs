namespace NasSync.Destinations.Pipeline;

/// <summary>The limits a place is under: its own, and the one all places share.</summary>
internal sealed class BandwidthLimits(params TokenBucket[] buckets)
{
    /// <summary>Waits until the bytes may go.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        foreach (var bucket in buckets) await bucket.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
    }
}
