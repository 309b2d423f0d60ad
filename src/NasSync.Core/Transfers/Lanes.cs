using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Destinations.Pipeline;

namespace NasSync.Transfers;

/// <summary>The destinations of a run, each made when it is first asked for.</summary>
internal sealed class Lanes(SyncConfig config, DestinationFactory factory, int slots, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Destination, string Root), Lazy<Lane>> _lanes = new();
    private readonly TokenBucket _shared = new(new BandwidthTimetable(config.BandwidthLimit, time).Now, time);

    /// <summary>The lane of a target.</summary>
    /// <exception cref="FailureException">There is no such destination.</exception>
    public Lane Of(Target target) => _lanes.GetOrAdd((target.Destination, target.Root), _ => new Lazy<Lane>(() => Make(target))).Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values.Where(lane => lane.IsValueCreated)) await lane.Value.DisposeAsync().ConfigureAwait(false);
    }

    private Lane Make(Target target)
    {
        var name = target.Destination == Target.LocalName ? target.Root : target.Destination;
        var own = config.Destinations.GetValueOrDefault(target.Destination)?.BandwidthLimit;
        var limits = new BandwidthLimits(_shared, new TokenBucket(() => own, time));
        var place = factory.For(target);
        return new Lane(DestinationPipeline.Compose(place, name, limits, time), place is not LocalDestination, slots);
    }
}
