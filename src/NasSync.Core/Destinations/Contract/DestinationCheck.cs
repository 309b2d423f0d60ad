using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations.Local;
using NasSync.Destinations.Places;
using NasSync.Failures;
using NasSync.Files;
using NasSync.Ledgers;

namespace NasSync.Destinations.Contract;

/// <summary>Tests a user's own place: its capabilities, and whether it keeps every promise that NasSync relies on.</summary>
public sealed class DestinationCheck : IAsyncDisposable
{
    private readonly IDestination _place;
    private readonly TimeProvider _time;
    private readonly (string Root, RecordedPlace Place)? _known;
    private bool _isThere;

    private DestinationCheck(IDestination place, TimeProvider time, (string Root, RecordedPlace Place)? known = null) =>
        (_place, _time, _known) = (place, time, known);

    /// <summary>The promises to test, in order.</summary>
    public static IReadOnlyList<(string Group, string Name)> Promises { get; } = [.. DestinationContract.Cases.Select(one => (one.Group, one.Name))];

    /// <summary>Opens a place without contacting it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="place">A destination's name, or the full path of a local folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives diagnostic messages; null: nowhere.</param>
    /// <returns>Null when the configuration has no destination of that name.</returns>
    /// <exception cref="FailureException">This version cannot copy to the place (class Config).</exception>
    public static DestinationCheck? Open(SyncConfig config, string place, TimeProvider time, ILogger? log = null) =>
        Open(config, place, time, variables: null, log);

    /// <summary>
    /// Like the other overload, but resolves references to secrets from the given variables; null means this process's environment.
    /// </summary>
    internal static DestinationCheck? Open(
        SyncConfig config,
        string place,
        TimeProvider time,
        IReadOnlyDictionary<string, string>? variables,
        ILogger? log = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(place);
        if (Path.IsPathFullyQualified(place)) return new DestinationCheck(new LocalDestination(place, time), time, Known(config, place));
        if (!config.Destinations.TryGetValue(place, out var named)) return null;
        var root = named is LocalDestinationConfig local ? local.Root : "";
        var factory = new DestinationFactory(config, null, time) { Log = log ?? NullLogger.Instance };
        if (variables is not null) factory = factory with { Variables = variables };
        return new DestinationCheck(factory.For(named, root), time, Known(config, root));
    }

    // Only the file beside the ledger is read, since the ledger itself may be in use, or on a server.
    private static (string Root, RecordedPlace Place)? Known(SyncConfig config, string root) =>
        root.Length > 0 && new PlacesFile(Path.GetFullPath(config.WorkDir)).Find(root) is { Marker.Length: > 0 } place ? (root, place) : null;

    /// <summary>The capabilities that the place was seen to have.</summary>
    /// <exception cref="FailureException">The place cannot be queried, or its root does not exist (class Unavailable).</exception>
    public async ValueTask<Capabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        await RequireRootAsync(cancellationToken).ConfigureAwait(false);
        return await _place.ProbeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tests every promise in a separate folder, <c>.nassync-contract-…</c>, and always removes it again.</summary>
    /// <exception cref="FailureException">The place cannot be queried, or its root does not exist (class Unavailable).</exception>
    public async IAsyncEnumerable<ContractResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RequireRootAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var result in new ContractRunner(_time).RunAsync(_place, cancellationToken).ConfigureAwait(false)) yield return result;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _place.DisposeAsync();

    // A test must not create a folder where a NAS should be mounted, and the first run after it must still find the place new.
    private async ValueTask RequireRootAsync(CancellationToken cancellationToken)
    {
        if (_isThere || _place is not IRooted folder) return;
        if (await folder.LookAtRootAsync(cancellationToken).ConfigureAwait(false) == RootState.Missing) throw new FailureException(new Failure(
            FailureClass.Unavailable,
            "DestinationUnavailable",
            $"{Failure.Quote(folder.Root)} is not there, and a test makes no root; the first copy there would make it.",
            "Where a mounted disk is meant, mount it or correct the path; "
                + "where the place is new, make the folder to test it, or leave that to the first run."));
        if (_known is var (root, place)) RequireMarker(root, place);
        _isThere = true;
    }

    // Where a disk is not mounted, the empty folder below would keep every promise.
    private static void RequireMarker(string path, RecordedPlace known)
    {
        try
        {
            using var root = SafeRoot.Open(path);
            if (PlaceMarker.Read(root) is var marker && marker == known.Marker) return;
            throw new FailureException(new Failure(
                FailureClass.Unavailable,
                "DestinationUnavailable",
                $"{path} is not the folder that was copied to before: it has {(marker is null ? "no" : "another")} {PlaceMarker.Name}; "
                    + "nothing was tested.",
                $"Mount the NAS. If the place was set up anew, run: nassync destination accept {Failure.Quote(path)}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read", Path.Combine(path, PlaceMarker.Name)), e);
        }
    }
}
