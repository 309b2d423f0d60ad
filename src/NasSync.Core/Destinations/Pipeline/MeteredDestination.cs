using System.Diagnostics.Metrics;

namespace NasSync.Destinations.Pipeline;

/// <summary>Measures the calls to a place on the meter <c>NasSync.Destinations</c>: duration by outcome, and bytes.</summary>
internal sealed class MeteredDestination(IDestination inner, string label, TimeProvider time) : DestinationDecorator(inner)
{
    private static readonly Meter Meter = new("NasSync.Destinations");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("nassync.destination.bytes", "By", "Bytes given to a destination.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "nassync.destination.duration",
        "s",
        "Time of a call, by outcome.");

    /// <inheritdoc/>
    protected override ValueTask<T> Around<T>(DestinationCall operation, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        MeasureAsync(operation, call);

    /// <inheritdoc/>
    protected override async ValueTask<T> AroundCopy<T>(
        DestinationCall operation,
        int bytes,
        Func<ValueTask<T>> call,
        CancellationToken cancellationToken)
    {
        var result = await MeasureAsync(operation, call).ConfigureAwait(false);
        if (bytes > 0) Bytes.Add(bytes, new KeyValuePair<string, object?>("destination", label));
        return result;
    }

    private async ValueTask<T> MeasureAsync<T>(DestinationCall operation, Func<ValueTask<T>> call)
    {
        if (!Duration.Enabled) return await call().ConfigureAwait(false);
        var started = time.GetTimestamp();
        var outcome = "ok";
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (FailureException e)
        {
            outcome = e.Failure.Class.ToString();
            throw;
        }
        finally
        {
            Duration.Record(
                time.GetElapsedTime(started).TotalSeconds,
                [new("destination", label), new("operation", operation.Name()), new("outcome", outcome)]);
        }
    }
}
