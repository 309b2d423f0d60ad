using System.Collections.Concurrent;
using NasSync.Destinations;

namespace NasSync.Transfers;

/// <summary>The destinations of a run, each made when it is first asked for.</summary>
internal sealed class Lanes(DestinationFactory factory, int slots) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Destination, string Root), Lazy<Lane>> _lanes = new();

    /// <summary>The lane of a target.</summary>
    /// <exception cref="FailureException">There is no such destination.</exception>
    public Lane Of(Target target) =>
        _lanes.GetOrAdd((target.Destination, target.Root), _ => new Lazy<Lane>(() => new Lane(factory.For(target), slots))).Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values.Where(lane => lane.IsValueCreated)) await lane.Value.DisposeAsync().ConfigureAwait(false);
    }
}
