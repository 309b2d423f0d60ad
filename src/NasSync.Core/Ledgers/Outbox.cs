namespace NasSync.Ledgers;

/// <summary>
/// The queue of webhook deliveries. It is bounded: it keeps each hook's latest <see cref="MostPerHook"/> deliveries, none older than
/// <see cref="MaxAge"/>, and counts what it drops. Every method is one transaction and may be called from any thread.
/// </summary>
internal sealed class Outbox(LedgerStore store)
{
    /// <summary>The most deliveries that are kept for one hook.</summary>
    public const int MostPerHook = 4000;

    /// <summary>The age beyond which a delivery is dropped.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>Appends deliveries to the queue, all or none.</summary>
    /// <returns>How many older deliveries were dropped for their age or because the queue was full.</returns>
    public int Add(IReadOnlyList<Delivery> deliveries, DateTimeOffset now)
    {
        var dropped = 0;
        store.Write((session, transaction) =>
        {
            OutboxRows.Add(session, transaction, deliveries);
            dropped = OutboxRows.DropOld(session, transaction, now - MaxAge);
            foreach (var hook in deliveries.Select(delivery => delivery.Hook).Distinct(StringComparer.Ordinal))
                dropped += OutboxRows.DropBeyond(session, transaction, hook, MostPerHook);
        });
        return dropped;
    }

    /// <summary>The next delivery of a hook, due or not; null when nothing is queued.</summary>
    public Delivery? Next(string hook, DateTimeOffset now) => store.Read(session => OutboxRows.Next(session, hook, now));

    /// <summary>Removes a delivery that arrived.</summary>
    public void Delivered(Delivery delivery, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.Delete(session, transaction, delivery.Id);
        OutboxRows.NoteDelivered(session, transaction, delivery.Hook, now);
    });

    /// <summary>Notes a failed attempt; the delivery holds the time of the next one.</summary>
    public void Postpone(Delivery delivery, string error, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.Postpone(session, transaction, delivery);
        OutboxRows.NoteFailed(session, transaction, delivery.Hook, error, now);
    });

    /// <summary>Gives up a delivery.</summary>
    public void Drop(Delivery delivery, string error, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.NoteDropped(session, transaction, delivery.Hook, OutboxRows.Delete(session, transaction, delivery.Id));
        OutboxRows.NoteFailed(session, transaction, delivery.Hook, error, now);
    });

    /// <summary>Gives up all deliveries of a hook; returns their number.</summary>
    public int DropAll(string hook, string error, DateTimeOffset now)
    {
        var dropped = 0;
        store.Write((session, transaction) =>
        {
            dropped = OutboxRows.DeleteAll(session, transaction, hook);
            OutboxRows.NoteDropped(session, transaction, hook, dropped);
            OutboxRows.NoteFailed(session, transaction, hook, error, now);
        });
        return dropped;
    }

    /// <summary>The states of all hooks that deliveries were ever queued for.</summary>
    public IReadOnlyList<HookState> States() => store.Read(OutboxRows.States);
}
