using System.Runtime.CompilerServices;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.Places;

namespace NasSync.Destinations.Contract;

/// <summary>Tries a user's own place: what it can do, and whether it keeps every promise that NasSync relies on.</summary>
public sealed class DestinationCheck : IAsyncDisposable
{
    private readonly IDestination _place;
    private readonly TimeProvider _time;
    private bool _isThere;

    private DestinationCheck(IDestination place, TimeProvider time) => (_place, _time) = (place, time);

    /// <summary>The promises that are tried, in order.</summary>
    public static IReadOnlyList<(string Group, string Name)> Promises { get; } = [.. DestinationContract.Cases.Select(one => (one.Group, one.Name))];

    /// <summary>Opens a place; nothing is asked of it yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="place">A destination's name, or a folder of this machine as a full path.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null when the configuration has no destination of that name.</returns>
    /// <exception cref="FailureException">This version cannot carry files to the place (Config).</exception>
    public static DestinationCheck? Open(SyncConfig config, string place, TimeProvider time) => Open(config, place, time, null);

    /// <summary>As the other, with references to secrets looked up in other variables than the process's.</summary>
    internal static DestinationCheck? Open(SyncConfig config, string place, TimeProvider time, IReadOnlyDictionary<string, string>? variables)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(place);
        if (Path.IsPathFullyQualified(place)) return new DestinationCheck(new LocalDestination(place, time), time);
        if (!config.Destinations.TryGetValue(place, out var named)) return null;
        var root = named is LocalDestinationConfig local ? local.Root : "";
        var factory = new DestinationFactory(config, null, time);
        if (variables is not null) factory = factory with { Variables = variables };
        return new DestinationCheck(factory.For(named, root), time);
    }

    /// <summary>What the place was seen to support.</summary>
    /// <exception cref="FailureException">The place cannot be asked, or its root is not there (Unavailable).</exception>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        await RequireRootAsync(cancellationToken).ConfigureAwait(false);
        return await _place.ProbeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries every promise in a folder of its own, <c>.nassync-contract-…</c>, and removes it again whatever happens.</summary>
    /// <exception cref="FailureException">The place cannot be asked, or its root is not there (Unavailable).</exception>
    public async IAsyncEnumerable<ContractResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RequireRootAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var result in new ContractRunner(_time).RunAsync(_place, cancellationToken).ConfigureAwait(false)) yield return result;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _place.DisposeAsync();

    // A trial makes no folder where a NAS should be mounted, and the first run after it must still see that the place is new.
    private async ValueTask RequireRootAsync(CancellationToken cancellationToken)
    {
        if (_isThere || _place is not IRooted folder) return;
        if (await folder.LookAtRootAsync(cancellationToken).ConfigureAwait(false) == RootState.Missing) throw new FailureException(new Failure(
            FailureClass.Unavailable,
            "DestinationUnavailable",
            $"{Failure.Quote(folder.Root)} is not there, and a test makes no root; the first copy there would make it.",
            "Where a mounted disk is meant, mount it or correct the path; "
                + "where the place is new, make the folder to test it, or leave that to the first run."));
        _isThere = true;
    }
}
