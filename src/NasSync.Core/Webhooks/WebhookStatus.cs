using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Webhooks;

/// <summary>The state of a webhook, according to the ledger.</summary>
public sealed record WebhookStatus
{
    /// <summary>
    /// The address as messages show it: without query, and without the parts of the path that may be secret; null when the configuration has no such
    /// webhook any more.
    /// </summary>
    public required string? Url { get; init; }

    /// <summary>Number of queued deliveries.</summary>
    public required int Waiting { get; init; }

    /// <summary>When the next attempt is due; null when nothing is queued.</summary>
    public required DateTimeOffset? NextAt { get; init; }

    /// <summary>Deliveries that arrived, ever.</summary>
    public required long Delivered { get; init; }

    /// <summary>Deliveries that were given up, or dropped for their age or because the queue was full, ever.</summary>
    public required long Dropped { get; init; }

    /// <summary>When the last delivery arrived; null when none has yet.</summary>
    public required DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the last attempt failed; null when a delivery has arrived since.</summary>
    public required DateTimeOffset? FailedAt { get; init; }

    /// <summary>Why that attempt failed, as one sentence; null when a delivery has arrived since.</summary>
    public required string? Error { get; init; }

    /// <summary>All webhooks that deliveries were ever queued for; the configured ones first, in their order.</summary>
    public static IReadOnlyList<WebhookStatus> Of(SyncConfig config, Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(ledger);
        var hooks = Hook.Of(config);
        var states = ledger.Outbox.States();
        var known = hooks.SelectMany(hook => states.Where(state => state.Hook == hook.Key).Select(state => From(state, hook.Shown)));

        // A webhook that was removed from the configuration is listed only while deliveries are queued, which are dropped after seven days.
        var unknown = states.Where(state => state.Waiting > 0 && !hooks.Any(hook => hook.Key == state.Hook)).Select(state => From(state, null));
        return [.. known, .. unknown];
    }

    private static WebhookStatus From(HookState state, string? url) => new()
    {
        Url = url,
        Waiting = state.Waiting,
        NextAt = state.NextAt,
        Delivered = state.Delivered,
        Dropped = state.Dropped,
        DeliveredAt = state.DeliveredAt,
        FailedAt = state.FailedAt,
        Error = state.Error,
    };
}
