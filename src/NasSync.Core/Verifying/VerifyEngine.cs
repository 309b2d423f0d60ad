using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasSync.Config;
using NasSync.Destinations;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Verifying;

/// <summary>
/// Verifies earlier copies: which of them still match the ledger. It only reads, at the places and in the work folder, and takes no lock, so it can
/// run beside a sync.
/// </summary>
/// <param name="config">The configuration, complete and checked.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class VerifyEngine(SyncConfig config, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

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

    /// <summary>The possible names in <see cref="VerifyRequest.Destinations"/>: those of the configuration and those of the ledger.</summary>
    /// <exception cref="FailureException">The ledger cannot be read.</exception>
    public IReadOnlyList<string> Destinations()
    {
        using var ledger = Ledger.OpenReadOnly(config, Variables);
        return
        [
            .. config.Destinations.Values.Select(one => one.Name)
                .Concat(ledger.Summary().Select(place => place.Destination))
                .Append(Target.LocalName)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>The possible jobs in <see cref="VerifyRequest.Jobs"/>: those of the ledger.</summary>
    /// <exception cref="FailureException">The ledger cannot be read.</exception>
    public IReadOnlyList<string> Jobs()
    {
        using var ledger = Ledger.OpenReadOnly(config, Variables);
        return ledger.Jobs();
    }

    /// <summary>
    /// Verifies the copies that a request selects. Each finding is an event, good or bad; the last event is always
    /// <see cref="VerifyEvent.Finished"/>, even after a stop through <paramref name="cancellationToken"/>, which does not throw. A reader that
    /// stops early stops the verification.
    /// </summary>
    /// <exception cref="FailureException">The ledger cannot be read.</exception>
    public async IAsyncEnumerable<VerifyEvent> RunAsync(VerifyRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var ledger = Ledger.OpenReadOnly(config, Variables);
        if (ledger.Notice is { } notice) yield return new VerifyEvent.Warned(notice);
        var factory = new DestinationFactory(config, ledger, _time) { Wrap = Wrap, OnlyReads = true, Log = Log };
        if (Variables is not null) factory = factory with { Variables = Variables };
        await using var run = new VerifyRun(config, factory, request, ledger, Patience, _time);
        await foreach (var verifyEvent in EventStream.OfAsync(run.Events, run.ExecuteAsync, cancellationToken).ConfigureAwait(false))
            yield return verifyEvent;
    }
}
