using System.Data.Common;
using NasSync.Processes;

namespace NasSync.Ledgers;

/// <summary>
/// The PostgreSQL ledger of its single writer. The connection holds the lock, so a broken connection loses the right to write. The next connection
/// takes the lock again, unless another program had the ledger in between.
/// </summary>
internal sealed class PostgresWriter : PostgresStore
{
    // A recorded copy must survive a power cut; a stricter setting than the default stays. With these keep-alives the server detects a dead client
    // within a minute instead of its default two hours, and releases the lock.
    private const string SettingsSql = """
        select count(set_config(name, value, false)) from (values
            ('synchronous_commit', case when current_setting('synchronous_commit') = 'off' then 'on' else current_setting('synchronous_commit') end),
            ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) as settings (name, value)
        """;

    private const string TransactionSql = "select txid_current()";
    private const string CommittedSql = "select case when txid_status(@id) = 'committed' then 1 else 0 end";

    // The server may need a moment to notice that an earlier run was killed.
    private const int LockTries = 10;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly SharedMark _mark;
    private Backend? _self;
    private SharedState? _state;
    private Failure? _takenOver;
    private bool _rebuilding;

    private PostgresWriter(PostgresSource source, string workDir, TimeProvider time)
        : base(source, time) => _mark = new SharedMark(workDir);

    /// <inheritdoc/>
    public override bool IsRebuilding => _rebuilding;

    /// <summary>Opens the ledger and takes its lock. Creates a missing schema and missing tables, and migrates older ones.</summary>
    /// <param name="source">The database.</param>
    /// <param name="workDir">The work folder, as a full path; it remembers the ledger that was used.</param>
    /// <param name="time">The clock.</param>
    public static PostgresWriter Open(PostgresSource source, string workDir, TimeProvider time)
    {
        var store = new PostgresWriter(source, workDir, time);
        try
        {
            store.Locked(_ => true);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Write(Action<SqlSession, DbTransaction> change)
    {
        long? committing = null;
        Locked(session =>
        {
            // The connection broke before the commit was confirmed; the server knows whether it was carried out.
            if (committing is { } asked && session.Scalar(CommittedSql, null, ("@id", asked)) == 1) return true;
            committing = null;
            using var transaction = session.Connection.BeginTransaction();
            var id = session.Scalar(TransactionSql, transaction);
            change(session, transaction);
            CrashPoint.Reach(CrashPoint.LedgerCommitting);
            committing = id;
            transaction.Commit();
            CrashPoint.Reach(CrashPoint.LedgerCommitted);
            return true;
        });
    }

    /// <inheritdoc/>
    public override void FinishRebuilding()
    {
        if (!_rebuilding) return;
        _mark.Note(_state!.Value);
        _rebuilding = false;
    }

    /// <inheritdoc/>
    protected override void Prepare(SqlSession session)
    {
        if (_takenOver is not null) throw new FailureException(_takenOver);
        session.Scalar(SettingsSql, null);
        var schema = PostgresSchema.Of(session, Source);
        if (schema.Length == 0) throw new FailureException(PostgresFailure.NoSchema(Source.Name));
        TakeLock(session, schema);
        _self = PostgresLock.Self(session);
        if (_state is null) Begin(session, schema);
        else GoOn(session, schema, _state.Value);
    }

    // Releases the lock explicitly, so that the next program need not wait until the server has ended the connection.
    /// <inheritdoc/>
    protected override void Leave(SqlSession session) => PostgresLock.Release(session);

    private void Begin(SqlSession session, string schema)
    {
        if (!PostgresSchema.Exists(session, schema)) PostgresSchema.Create(session, schema);
        PostgresSchema.Use(session, schema);
        var before = Migrations.VersionOf(session) == 0 ? null : SharedRows.Find(session);
        Notice = _mark.Compare(before, Source.Name);
        Migrations.Apply(session, Time, Source.Name);
        using (var transaction = session.Connection.BeginTransaction())
        {
            SharedRows.Begin(session, transaction);
            transaction.Commit();
        }

        // Until a run has completed, the work folder keeps remembering the lost ledger.
        _rebuilding = Notice is not null;
        var state = SharedRows.Find(session)!.Value;
        if (!_rebuilding) _mark.Note(state);
        _state = state;
    }

    private void GoOn(SqlSession session, string schema, SharedState state)
    {
        PostgresSchema.Use(session, schema);
        if (SharedRows.Find(session) != state) throw new FailureException(_takenOver = PostgresFailure.TakenOver(Source.Name));
    }

    private void TakeLock(SqlSession session, string schema)
    {
        Backend? holder = null;
        for (var tries = 0; tries < LockTries; tries++)
        {
            if (PostgresLock.TryTake(session, schema)) return;
            holder = PostgresLock.Holder(session, schema) ?? holder;
            if (holder is not null && holder == _self) PostgresLock.End(session, holder);
            Task.Delay(BetweenTries, Time).GetAwaiter().GetResult();
        }

        if (holder is not null && holder == _self) throw new FailureException(PostgresFailure.HeldByItself(Source.Name));
        var failure = PostgresFailure.Locked(Source.Name, holder?.Shown ?? "");
        if (_state is not null) _takenOver = failure;
        throw new FailureException(failure);
    }
}
