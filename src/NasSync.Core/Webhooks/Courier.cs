using System.Collections;
using System.Threading.Channels;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Webhooks;

/// <summary>
/// Tells the webhooks of a configuration what happens in a run, at least once each and in order, without holding the run up. To be put between the
/// engine and who reads its events: <c>new SyncEngine(config) { Through = new Courier(config).TeeAsync }</c>, the same for a run that ends and
/// for one that watches.
/// </summary>
/// <param name="config">The configuration.</param>
/// <param name="variables">Where references to secrets are looked up; null: this process's environment.</param>
/// <param name="time">The clock; null is the system's.</param>
public sealed class Courier(SyncConfig config, IReadOnlyDictionary<string, string>? variables = null, TimeProvider? time = null)
{
    private const int EventsAhead = 64;
    private readonly IReadOnlyList<Hook> _hooks = Hook.Of(config);

    /// <summary>How long a run that is done goes on delivering what is due. What is left waits for the next one.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Passes every event on, keeps in the ledger what webhooks are to be told of it, and delivers beside that, also what earlier runs left. Before
    /// <see cref="TransferEvent.Finished"/> is passed on, all is kept, and what is due is delivered for at most five seconds. A webhook that cannot
    /// be told is a <see cref="TransferEvent.Warned"/> in the stream and nothing more.
    /// </summary>
    /// <param name="events">What happens; none of it is left out or waits for a receiver.</param>
    /// <param name="ledger">The run's ledger, open for writing until the stream has ended.</param>
    /// <param name="cancellationToken">The run was stopped: events are still passed on, and nothing more is delivered after the last of them.</param>
    public IAsyncEnumerable<TransferEvent> TeeAsync(
        IAsyncEnumerable<TransferEvent> events,
        Ledger ledger,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(ledger);
        if (_hooks.Count == 0) return events;

        // What a receiver does is told when it does it: the next event may be hours away.
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

            // Not with the first token: a run that was stopped still says what it did.
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
