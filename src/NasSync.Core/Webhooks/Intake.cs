using System.Threading.Channels;
using NasSync.Failures;
using NasSync.Ledgers;
using NasSync.Transfers;

namespace NasSync.Webhooks;

/// <summary>
/// Writes events to the outbox, one transaction for all that are waiting. This happens shortly after the events and not in the transaction that
/// recorded them, so a crash in between may lose a notification; an item that failed fails again in the next run and is reported then.
/// </summary>
internal sealed class Intake(IReadOnlyList<Hook> hooks, Outbox outbox, TimeProvider time, Action<string> wake, Action<Notice> tell)
{
    private const int GroupSize = 256;
    private readonly Channel<Delivery> _deliveries = Channel.CreateBounded<Delivery>(
        new BoundedChannelOptions(GroupSize * 4) { SingleReader = true });
    private bool _failing;

    /// <summary>Queues an event for every hook that subscribes to it; waits only while the ledger is behind.</summary>
    public async ValueTask AddAsync(TransferEvent transferEvent)
    {
        var now = time.GetUtcNow();
        string? body = null;
        foreach (var hook in hooks)
        {
            if (!hook.Wants(transferEvent)) continue;
            await _deliveries.Writer.WriteAsync(new Delivery
            {
                Id = Guid.NewGuid().ToString(),
                Hook = hook.Key,
                Event = transferEvent.Name,
                Body = body ??= TransferEventJson.ToLine(transferEvent, now),
                CreatedAt = now,
                NextAt = now,
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Signals that no more events will come.</summary>
    public void Complete() => _deliveries.Writer.TryComplete();

    /// <summary>Writes until <see cref="Complete"/>; never throws.</summary>
    public async Task RunAsync()
    {
        var group = new List<Delivery>(GroupSize);
        while (await _deliveries.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            while (group.Count < GroupSize && _deliveries.Reader.TryRead(out var delivery)) group.Add(delivery);
            Keep(group);
        }
    }

    private void Keep(List<Delivery> group)
    {
        try
        {
            var dropped = outbox.Add(group, time.GetUtcNow());
            _failing = false;
            if (dropped > 0)
            {
                tell(new Notice(
                    "WebhookDropped",
                    $"{dropped} of the oldest deliveries to webhooks were dropped: too many wait, or for too long.",
                    "See nassync status for the receiver that does not take them."));
            }

            foreach (var hook in group.Select(delivery => delivery.Hook).Distinct(StringComparer.Ordinal)) wake(hook);
        }
        catch (Exception e)
        {
            // No error here may end the run; an unwritable ledger ends it anyway.
            if (_failing) return;
            _failing = true;
            var failure = SystemFailure.FromException(e, "write", "the ledger");
            tell(new Notice("WebhookNotKept", $"{group.Count} deliveries to webhooks are lost: {failure.Message}", failure.Hint));
        }
    }
}
