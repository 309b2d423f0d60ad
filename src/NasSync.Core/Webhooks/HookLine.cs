using System.Globalization;
using System.Threading.Channels;
using NasSync.Failures;
using NasSync.Ledgers;

namespace NasSync.Webhooks;

/// <summary>Delivers one hook's queue, one delivery at a time and in order; hooks do not wait for each other.</summary>
internal sealed class HookLine(Hook hook, Outbox outbox, HookClient client, TimeProvider time, Action<Notice> tell)
{
    /// <summary>Nine delays of up to 30 s, 1 min, 2 min, … 2 h: a delivery is retried for some hours and then given up.</summary>
    private static readonly RetryPolicy Policy = new(10, TimeSpan.FromSeconds(30), TimeSpan.FromHours(2));

    /// <summary>Longer than any delay that is ever set: a later due time was set under a different clock and is ignored.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1);

    private static readonly TimeSpan WhileLedgerFails = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool _finishing;
    private bool _failing;

    /// <summary>Signals that something was queued.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Signals that nothing more will be queued: deliver what is due and end.</summary>
    public void Finish()
    {
        _finishing = true;
        Wake();
    }

    /// <summary>Delivers until <see cref="Finish"/> is called and nothing is due, or until it is stopped.</summary>
    /// <param name="cut">Signals that the time for finishing is over; an attempt in progress counts as failed.</param>
    /// <param name="stop">Ends at once; an attempt in progress does not count.</param>
    public async Task RunAsync(CancellationToken cut, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !cut.IsCancellationRequested)
        {
            try
            {
                var now = time.GetUtcNow();
                var next = outbox.Next(hook.Key, now);
                if (next is not null && (next.NextAt <= now || next.NextAt - now > LongestDelay))
                    await TryAsync(next, cut, stop).ConfigureAwait(false);
                else if (_finishing) return;
                else await WaitAsync(next?.NextAt - now, heedNews: true, cut, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // No error of a webhook may end the run.
                var failure = SystemFailure.FromException(e, "deliver to", hook.Shown);
                TellFailing(new Notice(failure.Code, failure.Message, failure.Hint));
                if (_finishing) return;
                await WaitAsync(WhileLedgerFails, heedNews: false, cut, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task TryAsync(Delivery delivery, CancellationToken cut, CancellationToken stop)
    {
        if (time.GetUtcNow() - delivery.CreatedAt > Outbox.MaxAge)
        {
            var days = Outbox.MaxAge.TotalDays.ToString("0", CultureInfo.InvariantCulture);
            GiveUp(
                delivery,
                new Failure(
                    FailureClass.Transient,
                    "WebhookTooOld",
                    $"The webhook {hook.Shown} could not be told it for {days} days.",
                    "Look at the receiver."));
            return;
        }

        var answer = await client.SendAsync(hook, delivery, cut, stop).ConfigureAwait(false);
        var now = time.GetUtcNow();
        switch (answer)
        {
            case { Failure: null }:
                outbox.Delivered(delivery, now);
                _failing = false;
                break;
            case { Verdict: HookVerdict.Gone, Failure: { } gone }:
                var dropped = outbox.DropAll(hook.Key, gone.Message, now);
                TellFailing(new Notice(gone.Code, $"{gone.Message} {Number(dropped)} dropped.", gone.Hint));
                break;
            case { Failure: var failure } when delivery.Attempts + 1 >= Policy.MaxAttempts:
                GiveUp(delivery, failure);
                break;
            case { Failure: var failure }:
                var attempts = delivery.Attempts + 1;

                // Treated as transient: the cause is at the receiver or in the configuration, so a later attempt may succeed.
                var delay = Policy.DelayToNextRun(failure with { Class = FailureClass.Transient }, attempts, Random.Shared.NextDouble())!.Value;
                outbox.Postpone(
                    delivery with { Attempts = attempts, NextAt = now + delay, Holds = answer.Verdict == HookVerdict.Hold },
                    failure.Message,
                    now);
                TellFailing(new Notice(failure.Code, failure.Message, failure.Hint));
                break;
        }
    }

    private void GiveUp(Delivery delivery, Failure failure)
    {
        outbox.Drop(delivery, failure.Message, time.GetUtcNow());
        tell(new Notice("WebhookGivenUp", $"The delivery {delivery.Id} ({delivery.Event}) was given up: {failure.Message}", failure.Hint));
    }

    // Reported once until a delivery arrives again; otherwise every delivery to a broken receiver would repeat it.
    private void TellFailing(Notice notice)
    {
        if (_failing) return;
        _failing = true;
        tell(notice);
    }

    private async Task WaitAsync(TimeSpan? delay, bool heedNews, CancellationToken cut, CancellationToken stop)
    {
        using var due = delay is { } wait ? new CancellationTokenSource(wait, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cut, stop);
        try
        {
            if (heedNews) await _news.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            else await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Due, cut or stopped; the caller checks which.
        }
    }

    private static string Number(int deliveries) =>
        deliveries == 1 ? "The one delivery that waited was" : $"All {deliveries} deliveries that waited were";
}
