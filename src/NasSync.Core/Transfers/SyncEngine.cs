using System.Runtime.CompilerServices;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>Carries artifacts to their targets and yields what happens. One instance may run several requests, one after the other.</summary>
/// <param name="config">The configuration, complete and checked.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class SyncEngine(SyncConfig config, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Where references to secrets are looked up; null: this process's environment.</summary>
    internal IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Wraps every destination of the run; tests put faults in between.</summary>
    internal Func<Target, IDestination, IDestination>? Wrap { get; init; }

    /// <summary>
    /// Runs a request. Failures of items and manifests are events; the last event is always <see cref="TransferEvent.Finished"/>, also after a
    /// stop through <paramref name="cancellationToken"/>, which does not throw. Whoever stops reading early stops the run.
    /// </summary>
    /// <exception cref="FailureException">The run cannot begin: another run holds the work folder, or the ledger cannot be used.</exception>
    public async IAsyncEnumerable<TransferEvent> RunAsync(SyncRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (config.DryRun) request = request with { DryRun = true };
        using var held = request.DryRun ? null : WorkLock.Acquire(config.WorkDir);
        using var ledger = request.DryRun ? Ledger.OpenReadOnly(config.WorkDir) : Ledger.Open(config.WorkDir, _time);
        var factory = new DestinationFactory(config, ledger, _time) { Wrap = Wrap };
        if (Variables is not null) factory = factory with { Variables = Variables };
        await using var run = new SyncRun(config, factory, request, ledger, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var execution = Task.Run(() => run.ExecuteAsync(stop.Token), CancellationToken.None);
        try
        {
            await foreach (var transferEvent in run.Events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return transferEvent;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // The run may wait for room in the stream of events; nobody reads them any more.
            await foreach (var _ in run.Events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
            }

            await execution.ConfigureAwait(false);
        }
    }
}
