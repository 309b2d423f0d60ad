using System.Collections.Concurrent;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Destinations.Local;
using NasSync.Destinations.Pipeline;
using NasSync.Destinations.Places;
using NasSync.Destinations.Rsync;
using NasSync.Files;
using NasSync.Routing;

namespace NasSync.Transfers;

/// <summary>The destinations of a run, each opened at first use.</summary>
internal sealed class Lanes(SyncConfig config, DestinationFactory factory, int slots, Patience patience, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Destination, string Root), Lazy<Lane>> _lanes = new();
    private readonly TokenBucket _shared = new(new BandwidthTimetable(config.BandwidthLimit, time).Now, time);

    /// <summary>The lane of a target.</summary>
    /// <exception cref="FailureException">There is no such destination.</exception>
    public Lane Of(Target target) => _lanes.GetOrAdd((target.Destination, target.Root), _ => new Lazy<Lane>(() => Make(target))).Value;

    /// <summary>Whether a place hangs, so that threads are lost in its calls.</summary>
    public bool AnyHangs => _lanes.Values.Any(lane => lane.IsValueCreated && lane.Value.Hangs);

    /// <summary>
    /// Closes every connection and folder, so that a NAS can be unmounted; they are opened again when needed. Must not be called while a lane is in
    /// use.
    /// </summary>
    public async ValueTask LetGoAsync()
    {
        foreach (var key in _lanes.Keys)
            if (_lanes.TryRemove(key, out var lane) && lane.IsValueCreated) await lane.Value.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => LetGoAsync();

    // rsync copies sets of files: the files that wait while a set is copied form the next one, and large sets make many small files fast.
    private const int RsyncSlots = 32;

    private Lane Make(Target target)
    {
        var name = target.Destination == Target.LocalName ? target.Root : target.Destination;
        var own = config.Destinations.GetValueOrDefault(target.Destination)?.BandwidthLimit;
        var limits = new BandwidthLimits(_shared, new TokenBucket(() => own, time));
        var place = factory.For(target);
        var isFolder = place is LocalDestination;
        var watch = new HangWatch(name, isFolder ? patience.Folder : patience.Server, time);
        var rooted = factory.Rooted(target, place);
        var composed = DestinationPipeline.Compose(rooted, name, PlaceLabel.Of(target, config), limits, watch, time, factory.Log);
        return new Lane(composed, watch, !isFolder, place is RsyncDestination ? Math.Max(slots, RsyncSlots) : slots)
        {
            Limits = limits,
            Root = rooted as IMakesRoot,
            WhyNotWritable = place is LocalDestination folder ? folder.WhyNotWritable : null,
            MayHang = isFolder && NetworkFileSystem.MayHang(target.Root),
        };
    }
}
