namespace NasSync.Ledgers;

/// <summary>A queued webhook delivery.</summary>
internal sealed record Delivery
{
    /// <summary>A UUID, the same for every attempt, so that the receiver can recognize a repeated delivery.</summary>
    public required string Id { get; init; }

    /// <summary>The receiving hook: the hash of its address.</summary>
    public required string Hook { get; init; }

    /// <summary>The event's name.</summary>
    public required string Event { get; init; }

    /// <summary>The request body, as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When the event happened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Whether the hook's other deliveries wait until this one is done.</summary>
    public bool Holds { get; init; }
}

/// <summary>The state of a webhook.</summary>
/// <param name="Hook">The hash of its address.</param>
/// <param name="Waiting">Number of queued deliveries.</param>
/// <param name="NextAt">When the next attempt is due; null when nothing is queued.</param>
/// <param name="Delivered">Deliveries that arrived, ever.</param>
/// <param name="Dropped">Deliveries that were given up, or dropped for their age or because the queue was full, ever.</param>
/// <param name="DeliveredAt">When the last delivery arrived; null when none has yet.</param>
/// <param name="FailedAt">When the last attempt failed; null when a delivery has arrived since.</param>
/// <param name="Error">Why that attempt failed, as one sentence; null when a delivery has arrived since.</param>
internal sealed record HookState(
    string Hook,
    int Waiting,
    DateTimeOffset? NextAt,
    long Delivered,
    long Dropped,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? FailedAt,
    string? Error);
