using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Ledgers;

namespace NasSync.Transfers;

/// <summary>Copies artifacts to their targets and yields events. One instance may run several requests, one after the other.</summary>
/// <param name="config">The configuration, complete and checked.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class SyncEngine(SyncConfig config, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>
    /// Wraps the event stream of a run that changes something, while the run's ledger is open. It must pass every event on, in order, and may add
    /// warnings. Default: null, no wrapper.
    /// </summary>
    public Func<IAsyncEnumerable<TransferEvent>, Ledger, CancellationToken, IAsyncEnumerable<TransferEvent>>? Through { get; init; }

    /// <summary>
    /// Receives diagnostic messages: each decision, and each request to a server or an external program. They contain no secret. Default: nowhere.
    /// </summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>The environment variables for references to secrets; null uses those of this process.</summary>
    internal IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>The limits on waiting for one place.</summary>
    internal Patience Patience { get; init; } = new();

    /// <summary>Wraps every destination of the run; tests add faults with it.</summary>
    internal Func<Target, IDestination, IDestination>? Wrap { get; init; }

    /// <summary>Returns the kind of network file system of a folder; null asks the system.</summary>
    internal Func<string, string?>? NetworkKindOf { get; init; }

    /// <summary>Returns the file system of the outputs folder; null asks the system.</summary>
    internal OutputsPlace.Identify? Identify { get; init; }

    /// <summary>The free bytes in the work folder below which no new work starts.</summary>
    internal long LeastFree { get; init; } = WorkFolder.LeastFree;

    /// <summary>
    /// Runs a request. Failures of items and manifests are events; the last event is always <see cref="TransferEvent.Finished"/>, even after a
    /// stop through <paramref name="cancellationToken"/>, which does not throw. A reader that stops early stops the run.
    /// </summary>
    /// <exception cref="FailureException">The run cannot begin: another run holds the work folder for longer than
    /// <see cref="SyncRequest.WaitForLock"/>, or the ledger cannot be used.</exception>
    public async IAsyncEnumerable<TransferEvent> RunAsync(SyncRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (config.DryRun) request = request with { DryRun = true };
        if (!request.DryRun && !config.AllowNetworkWorkDir) WorkFolder.RequireLocal(Path.GetFullPath(config.WorkDir), NetworkKindOf);
        var began = _time.GetTimestamp();
        using var turn = request.DryRun ? null : new WorkTurn(config, Variables, request.WaitForLock, _time);
        if (turn?.Take() is { } held)
        {
            yield return new TransferEvent.Warned(held);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, request.StopBeginning);
            if (!await turn.WaitAsync(stop.Token).ConfigureAwait(false))
            {
                yield return new TransferEvent.Finished(new RunTally(dryRun: false).Finish(_time.GetElapsedTime(began), stopped: true));
                yield break;
            }
        }

        using var reading = turn is null ? Ledger.OpenReadOnly(config, Variables) : null;
        var ledger = turn?.Ledger ?? reading!;
        using var unrecorded = request.DryRun ? UnrecordedCopies.OpenReadOnly(config.WorkDir) : UnrecordedCopies.Open(config.WorkDir);
        if (ledger.LooksAgain && request is { Repair: null, Feed: null, Failures.Count: 0 }) request = request with { Force = true };
        if (ledger.Notice is { } notice) yield return new TransferEvent.Warned(notice);
        TransferLog.Begins(Log, Path.GetFullPath(config.WorkDir), config.File ?? "the environment alone");
        var factory = new DestinationFactory(config, ledger, _time) { Wrap = Wrap, Log = Log };
        if (Variables is not null) factory = factory with { Variables = Variables };
        if (!request.DryRun) factory.RemoveLeftovers();
        await using var run = new SyncRun(config, factory, request, ledger, unrecorded, Patience, _time)
        {
            LeastFree = LeastFree,
            Identify = Identify,
        };
        var events = EventStream.OfAsync(run.Events, run.ExecuteAsync, cancellationToken).EachAsync();
        if (Through is not null && !request.DryRun) events = Through(events, ledger, cancellationToken);
        await foreach (var transferEvent in events.ConfigureAwait(false)) yield return transferEvent;
    }
}
