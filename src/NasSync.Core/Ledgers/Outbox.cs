namespace NasSync.Ledgers;

/// <summary>
/// What webhooks are still to be told. It is bounded: of each hook the latest <see cref="MostPerHook"/>, none older than <see cref="MaxAge"/>; what
/// is dropped for that is counted. As with the rest of the ledger every method is one transaction and may be called from any thread.
/// </summary>
internal sealed class Outbox(LedgerStore store)
{
    /// <summary>Deliveries that may wait for one hook.</summary>
    public const int MostPerHook = 4000;

    /// <summary>How long a delivery may wait.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>Keeps deliveries, all or none, behind those that wait.</summary>
    /// <returns>How many older ones were dropped for their age or for want of room.</returns>
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

    /// <summary>The delivery whose turn it is, due or not; null when none waits.</summary>
    public Delivery? Next(string hook, DateTimeOffset now) => store.Read(session => OutboxRows.Next(session, hook, now));

    /// <summary>A delivery has arrived.</summary>
    public void Delivered(Delivery delivery, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.Delete(session, transaction, delivery.Id);
        OutboxRows.NoteDelivered(session, transaction, delivery.Hook, now);
    });

    /// <summary>A try has failed; the delivery says when the next one is due.</summary>
    public void Postpone(Delivery delivery, string error, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.Postpone(session, transaction, delivery);
        OutboxRows.NoteFailed(session, transaction, delivery.Hook, error, now);
    });

    /// <summary>A delivery is given up.</summary>
    public void Drop(Delivery delivery, string error, DateTimeOffset now) => store.Write((session, transaction) =>
    {
        OutboxRows.NoteDropped(session, transaction, delivery.Hook, OutboxRows.Delete(session, transaction, delivery.Id));
        OutboxRows.NoteFailed(session, transaction, delivery.Hook, error, now);
    });

    /// <summary>All of a hook's deliveries are given up; gives their number.</summary>
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

    /// <summary>How the hooks do that deliveries were ever kept for.</summary>
    public IReadOnlyList<HookState> States() => store.Read(OutboxRows.States);
}
