using NasSync.Config;
using NasSync.Ledgers;

namespace NasSync.Webhooks;

/// <summary>How a webhook does, as the ledger knows it.</summary>
public sealed record WebhookStatus
{
    /// <summary>
    /// The address as messages show it: without query, and without the parts of the path that may be secret; null: no webhook of this configuration.
    /// </summary>
    public required string? Url { get; init; }

    /// <summary>Deliveries that wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>When the next of them is due; null when none waits.</summary>
    public required DateTimeOffset? NextAt { get; init; }

    /// <summary>Deliveries that arrived, ever.</summary>
    public required long Delivered { get; init; }

    /// <summary>Deliveries that were given up, or dropped for want of room or for their age, ever.</summary>
    public required long Dropped { get; init; }

    /// <summary>When the last one arrived; null: none did yet.</summary>
    public required DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the last try failed; null when none failed since one arrived.</summary>
    public required DateTimeOffset? FailedAt { get; init; }

    /// <summary>Why it failed, as one sentence; null when none failed since one arrived.</summary>
    public required string? Error { get; init; }

    /// <summary>All webhooks that anything was ever kept for, those of the configuration first and in its order.</summary>
    public static IReadOnlyList<WebhookStatus> Of(SyncConfig config, Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(ledger);
        var hooks = Hook.Of(config);
        var states = ledger.Outbox.States();
        var known = hooks.SelectMany(hook => states.Where(state => state.Hook == hook.Key).Select(state => From(state, hook.Shown)));

        // Of those that were taken out of the configuration only what still waits is worth a word: it goes after seven days.
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
