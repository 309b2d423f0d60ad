using System.Collections;
using System.Threading.Channels;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Webhooks;

/// <summary>
/// Notifies a configuration's webhooks of what happens in a run, at least once each and in order, without delaying the run. It is inserted between
/// the engine and the consumer of its events: <c>new SyncEngine(config) { Through = new Courier(config).TeeAsync }</c>, both for a single run and for
/// a watching one.
/// </summary>
/// <param name="config">The configuration.</param>
/// <param name="variables">Resolves references to secrets; null uses this process's environment.</param>
/// <param name="time">The clock; null uses the system's.</param>
public sealed class Courier(SyncConfig config, IReadOnlyDictionary<string, string>? variables = null, TimeProvider? time = null)
{
    private const int EventsAhead = 64;
    private readonly IReadOnlyList<Hook> _hooks = Hook.Of(config);

    /// <summary>How long a finished run keeps delivering what is due. The rest waits for the next run.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Passes every event on, queues the deliveries for it in the ledger, and delivers in the background, including what earlier runs left. Before
    /// <see cref="TransferEvent.Finished"/> is passed on, everything is queued, and due deliveries are made for at most five seconds. A failing
    /// webhook only adds a <see cref="TransferEvent.Warned"/> to the stream.
    /// </summary>
    /// <param name="events">The events; none is dropped or waits for a receiver.</param>
    /// <param name="ledger">The run's ledger, open for writing until the stream has ended.</param>
    /// <param name="cancellationToken">Signals that the run was stopped: events are still passed on, but nothing is delivered after the last of
    /// them.</param>
    public IAsyncEnumerable<TransferEvent> TeeAsync(
        IAsyncEnumerable<TransferEvent> events,
        Ledger ledger,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(ledger);
        if (_hooks.Count == 0) return events;

        // Notices about receivers are passed on immediately: the next event may be hours away.
        var told = Channel.CreateBounded<TransferEvent>(EventsAhead);
        return EventStream.OfAsync(told.Reader, now => PassAsync(events, ledger, told.Writer, cancellationToken, now), CancellationToken.None);
    }

    private async Task PassAsync(
        IAsyncEnumerable<TransferEvent> events, Ledger ledger, ChannelWriter<TransferEvent> told, CancellationToken stopped, CancellationToken unread)
    {
        Exception? error = null;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopped, unread);
        try
        {
            await using var round = new Round(
                _hooks,
                ledger.Outbox,
                variables ?? Variables(),
                time ?? TimeProvider.System,
                notice => _ = told.WriteAsync(new TransferEvent.Warned(notice), CancellationToken.None).AsTask());

            // Do not pass the stop token here, because a stopped run still reports its results.
            await foreach (var transferEvent in events.WithCancellation(unread).ConfigureAwait(false))
            {
                await round.AddAsync(transferEvent).ConfigureAwait(false);
                if (transferEvent is TransferEvent.Finished) await round.FinishAsync(Patience, over.Token).ConfigureAwait(false);
                await told.WriteAsync(transferEvent, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            error = e;
        }

        told.Complete(error);
    }

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);
}
