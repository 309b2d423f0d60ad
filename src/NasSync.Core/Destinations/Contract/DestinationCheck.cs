using NasSync.Config;
using NasSync.Destinations.Local;

namespace NasSync.Destinations.Contract;

/// <summary>Tries a user's own place: what it can do, and whether it keeps every promise that NasSync relies on.</summary>
public sealed class DestinationCheck : IAsyncDisposable
{
    private readonly IDestination _place;
    private readonly TimeProvider _time;

    private DestinationCheck(IDestination place, TimeProvider time) => (_place, _time) = (place, time);

    /// <summary>The promises that are tried, in order.</summary>
    public static IReadOnlyList<(string Group, string Name)> Promises { get; } = [.. DestinationContract.Cases.Select(one => (one.Group, one.Name))];

    /// <summary>Opens a place; nothing is asked of it yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="place">A destination's name, or a folder of this machine as a full path; the folder must be there.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null when the configuration has no destination of that name.</returns>
    /// <exception cref="FailureException">The folder is not there (Unavailable), or this version cannot carry files to the place
    /// (Config).</exception>
    public static DestinationCheck? Open(SyncConfig config, string place, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(place);
        if (Path.IsPathFullyQualified(place)) return new DestinationCheck(new LocalDestination(There(place), time), time);
        if (!config.Destinations.TryGetValue(place, out var named)) return null;
        var root = named is LocalDestinationConfig local ? There(local.Root) : "";
        return new DestinationCheck(new DestinationFactory(config, null, time).For(named, root), time);
    }

    /// <summary>What the place was seen to support.</summary>
    /// <exception cref="FailureException">The place cannot be asked.</exception>
    public ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken) => _place.ProbeAsync(cancellationToken);

    /// <summary>Tries every promise in a folder of its own, <c>.nassync-contract-…</c>, and removes it again whatever happens.</summary>
    /// <exception cref="FailureException">The place cannot be asked.</exception>
    public IAsyncEnumerable<ContractResult> RunAsync(CancellationToken cancellationToken) =>
        new ContractRunner(_time).RunAsync(_place, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _place.DisposeAsync();

    // A trial makes no folder where a NAS should be mounted.
    private static string There(string folder) => Directory.Exists(folder) ? folder : throw new FailureException(new Failure(
        FailureClass.Unavailable,
        "DestinationUnavailable",
        $"{folder} is not there.",
        "Mount the NAS, or mend the path."));
}
