namespace NasSync.Ledgers;

/// <summary>Something that a webhook is to be told.</summary>
internal sealed record Delivery
{
    /// <summary>A UUID, the same over all tries, by which the receiver knows a delivery again.</summary>
    public required string Id { get; init; }

    /// <summary>Whom to tell: the hash that stands for the address.</summary>
    public required string Hook { get; init; }

    /// <summary>The event's name.</summary>
    public required string Event { get; init; }

    /// <summary>What is sent: JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Tries so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When it may be tried.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Whether the hook's other deliveries wait for this one.</summary>
    public bool Holds { get; init; }
}

/// <summary>How a webhook does.</summary>
/// <param name="Hook">The hash that stands for its address.</param>
/// <param name="Waiting">Deliveries that wait.</param>
/// <param name="NextAt">When the next of them is due; null when none waits.</param>
/// <param name="Delivered">Deliveries that arrived, ever.</param>
/// <param name="Dropped">Deliveries that were given up, or dropped for want of room or for their age, ever.</param>
/// <param name="DeliveredAt">When the last one arrived; null: none did yet.</param>
/// <param name="FailedAt">When the last try failed; null when none failed since one arrived.</param>
/// <param name="Error">Why it failed, as one sentence; null when none failed since one arrived.</param>
internal sealed record HookState(
    string Hook,
    int Waiting,
    DateTimeOffset? NextAt,
    long Delivered,
    long Dropped,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? FailedAt,
    string? Error);
