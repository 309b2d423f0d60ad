using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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

    /// <summary>
    /// Puts something between a run that changes something and who reads its events, while the run's ledger is open: it passes every event on, in
    /// order, and may add warnings. Null (the default): nothing stands between.
    /// </summary>
    public Func<IAsyncEnumerable<TransferEvent>, Ledger, CancellationToken, IAsyncEnumerable<TransferEvent>>? Through { get; init; }

    /// <summary>
    /// Receives diagnostic messages: what is decided, and what is asked of servers and outside programs. They hold no secret. Default: nowhere.
    /// </summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Where references to secrets are looked up; null: this process's environment.</summary>
    internal IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>How long one place is waited for.</summary>
    internal Patience Patience { get; init; } = new();

    /// <summary>Wraps every destination of the run; tests put faults in between.</summary>
    internal Func<Target, IDestination, IDestination>? Wrap { get; init; }

    /// <summary>Says on which kind of network file system a folder lies; null: the system is asked.</summary>
    internal Func<string, string?>? NetworkKindOf { get; init; }

    /// <summary>Says where the outputs folder lies; null: the system is asked.</summary>
    internal OutputsPlace.Identify? Identify { get; init; }

    /// <summary>The free space in the work folder below which no new work is taken, in bytes.</summary>
    internal long LeastFree { get; init; } = WorkFolder.LeastFree;

    /// <summary>
    /// Runs a request. Failures of items and manifests are events; the last event is always <see cref="TransferEvent.Finished"/>, also after a
    /// stop through <paramref name="cancellationToken"/>, which does not throw. Whoever stops reading early stops the run.
    /// </summary>
    /// <exception cref="FailureException">The run cannot begin: another run holds the work folder for longer than it may be waited
    /// for, or the ledger cannot be used.</exception>
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
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, request.StopWaiting);
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
        await using var run = new SyncRun(config, factory, request, ledger, unrecorded, Patience, _time) { LeastFree = LeastFree, Identify = Identify };
        var events = EventStream.OfAsync(run.Events, run.ExecuteAsync, cancellationToken).EachAsync();
        if (Through is not null && !request.DryRun) events = Through(events, ledger, cancellationToken);
        await foreach (var transferEvent in events.ConfigureAwait(false)) yield return transferEvent;
    }
}
