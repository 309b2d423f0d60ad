using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>The tables <c>outbox</c> and <c>hooks</c>.</summary>
internal static class OutboxRows
{
    private const string LastSeqSql = "select value from counters where name = 'outbox'";
    private const string SetLastSeqSql = "update counters set value = @value where name = 'outbox'";

    private const string InsertSql = """
        insert into outbox (id, seq, hook, event, body, created_ns, attempts, next_ns, holds)
        values (@id, @seq, @hook, @event, @body, @created, @attempts, @next, @holds)
        """;

    // A delivery that holds the others comes first, then due ones in their order, then the one due next. The subquery keeps the bodies out of the
    // sort.
    private const string NextSql = """
        select id, hook, event, body, created_ns, attempts, next_ns, holds from outbox where seq = (
            select seq from outbox where hook = @hook
            order by holds desc, case when next_ns <= @now then 0 else next_ns end, seq limit 1)
        """;

    private const string PostponeSql = "update outbox set attempts = @attempts, next_ns = @next, holds = @holds where id = @id";
    private const string DeleteSql = "delete from outbox where id = @id";
    private const string DeleteAllSql = "delete from outbox where hook = @hook";
    private const string CountSql = "select count(*) from outbox where hook = @hook";
    private const string DeleteFirstSql = "delete from outbox where seq in (select seq from outbox where hook = @hook order by seq limit @count)";

    private const string CountOldSql = """
        update hooks set dropped = dropped + (select count(*) from outbox where outbox.hook = hooks.hook and created_ns < @oldest)
        where exists (select 1 from outbox where outbox.hook = hooks.hook and created_ns < @oldest)
        """;

    private const string DeleteOldSql = "delete from outbox where created_ns < @oldest";

    private const string KnowSql = "insert into hooks (hook, delivered, dropped) values (@hook, 0, 0) on conflict (hook) do nothing";
    private const string DeliveredSql =
        "update hooks set delivered = delivered + 1, delivered_ns = @now, failed_ns = null, error = null where hook = @hook";
    private const string FailedSql = "update hooks set failed_ns = @now, error = @error where hook = @hook";
    private const string DroppedSql = "update hooks set dropped = dropped + @count where hook = @hook";

    private const string StatesSql = """
        select hook, (select count(*) from outbox where outbox.hook = hooks.hook),
            coalesce(
                (select min(next_ns) from outbox where outbox.hook = hooks.hook and holds = 1),
                (select min(next_ns) from outbox where outbox.hook = hooks.hook)),
            delivered, dropped, delivered_ns, failed_ns, error
        from hooks order by hook
        """;

    /// <summary>Appends deliveries in their order.</summary>
    public static void Add(SqlSession session, DbTransaction transaction, IReadOnlyList<Delivery> deliveries)
    {
        var seq = session.Scalar(LastSeqSql, transaction);
        foreach (var delivery in deliveries)
        {
            session.Execute(KnowSql, transaction, ("@hook", delivery.Hook));
            session.Execute(
                InsertSql,
                transaction,
                ("@id", delivery.Id),
                ("@seq", ++seq),
                ("@hook", delivery.Hook),
                ("@event", delivery.Event),
                ("@body", delivery.Body),
                ("@created", SqlValue.ToNs(delivery.CreatedAt)),
                ("@attempts", delivery.Attempts),
                ("@next", SqlValue.ToNs(delivery.NextAt)),
                ("@holds", delivery.Holds ? 1 : 0));
        }

        session.Execute(SetLastSeqSql, transaction, ("@value", seq));
    }

    /// <summary>Drops deliveries older than a time; returns their number.</summary>
    public static int DropOld(SqlSession session, DbTransaction transaction, DateTimeOffset oldest)
    {
        var ns = SqlValue.ToNs(oldest);
        session.Execute(CountOldSql, transaction, ("@oldest", ns));
        return session.Execute(DeleteOldSql, transaction, ("@oldest", ns));
    }

    /// <summary>Drops a hook's oldest deliveries beyond a maximum number; returns how many were dropped.</summary>
    public static int DropBeyond(SqlSession session, DbTransaction transaction, string hook, int most)
    {
        var over = session.Scalar(CountSql, transaction, ("@hook", hook)) - most;
        if (over <= 0) return 0;
        session.Execute(DroppedSql, transaction, ("@count", over), ("@hook", hook));
        return session.Execute(DeleteFirstSql, transaction, ("@hook", hook), ("@count", over));
    }

    /// <summary>The next delivery of a hook, due or not; null when nothing is queued.</summary>
    public static Delivery? Next(SqlSession session, string hook, DateTimeOffset now) =>
        session.Query(NextSql, Read, ("@hook", hook), ("@now", SqlValue.ToNs(now))).FirstOrDefault();

    /// <summary>Stores a failed attempt.</summary>
    public static void Postpone(SqlSession session, DbTransaction transaction, Delivery delivery) => session.Execute(
        PostponeSql,
        transaction,
        ("@attempts", delivery.Attempts),
        ("@next", SqlValue.ToNs(delivery.NextAt)),
        ("@holds", delivery.Holds ? 1 : 0),
        ("@id", delivery.Id));

    public static int Delete(SqlSession session, DbTransaction transaction, string id) => session.Execute(DeleteSql, transaction, ("@id", id));

    public static int DeleteAll(SqlSession session, DbTransaction transaction, string hook) =>
        session.Execute(DeleteAllSql, transaction, ("@hook", hook));

    public static void NoteDelivered(SqlSession session, DbTransaction transaction, string hook, DateTimeOffset now) =>
        session.Execute(DeliveredSql, transaction, ("@now", SqlValue.ToNs(now)), ("@hook", hook));

    public static void NoteFailed(SqlSession session, DbTransaction transaction, string hook, string error, DateTimeOffset now) =>
        session.Execute(FailedSql, transaction, ("@now", SqlValue.ToNs(now)), ("@error", error), ("@hook", hook));

    public static void NoteDropped(SqlSession session, DbTransaction transaction, string hook, int count) =>
        session.Execute(DroppedSql, transaction, ("@count", count), ("@hook", hook));

    /// <summary>All hooks that deliveries were ever queued for.</summary>
    public static List<HookState> States(SqlSession session) => session.Query(StatesSql, row => new HookState(
        row.GetString(0),
        row.GetInt32(1),
        ToTime(row, 2),
        row.GetInt64(3),
        row.GetInt64(4),
        ToTime(row, 5),
        ToTime(row, 6),
        SqlValue.ToText(row, 7)));

    private static DateTimeOffset? ToTime(SqlRow row, int column) => row.IsDBNull(column) ? null : SqlValue.ToTime(row.GetInt64(column));

    private static Delivery Read(SqlRow row) => new()
    {
        Id = row.GetString(0),
        Hook = row.GetString(1),
        Event = row.GetString(2),
        Body = row.GetString(3),
        CreatedAt = SqlValue.ToTime(row.GetInt64(4)),
        Attempts = row.GetInt32(5),
        NextAt = SqlValue.ToTime(row.GetInt64(6)),
        Holds = row.GetInt64(7) != 0,
    };
}
