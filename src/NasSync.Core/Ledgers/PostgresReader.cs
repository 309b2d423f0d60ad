using System.Globalization;

namespace NasSync.Ledgers;

/// <summary>
/// A PostgreSQL ledger for reading only: takes no lock, and creates and changes nothing. Reads a missing ledger, or one with an older schema, from
/// temporary tables of its connection.
/// </summary>
internal sealed class PostgresReader : PostgresStore
{
    private const string ReadOnlySql = "select count(set_config('default_transaction_read_only', 'on', false))";
    private const string HistoryExistsSql = "select count(*) from pg_tables where schemaname = @schema and tablename = 'schema_history'";

    private readonly SharedMark _mark;
    private string _schema = "";
    private long _version;

    private PostgresReader(PostgresSource source, string workDir, TimeProvider time)
        : base(source, time) => _mark = new SharedMark(workDir);

    /// <summary>Opens the ledger for reading.</summary>
    /// <param name="source">The database.</param>
    /// <param name="workDir">The work folder, as a full path; it remembers the ledger that was used.</param>
    /// <param name="time">The clock.</param>
    public static PostgresReader Open(PostgresSource source, string workDir, TimeProvider time)
    {
        var store = new PostgresReader(source, workDir, time);
        try
        {
            store.Notice = store.Locked(session => store._mark.Compare(store._version == 0 ? null : SharedRows.Find(session), source.Name));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool IsRebuilding => Notice is not null;

    /// <inheritdoc/>
    public override void Write(Action<SqlSession, System.Data.Common.DbTransaction> change) =>
        throw new InvalidOperationException("This ledger was opened to be read only.");

    /// <inheritdoc/>
    protected override void Prepare(SqlSession session)
    {
        _schema = PostgresSchema.Of(session, Source);
        _version = VersionIn(session, _schema);
        if (_version > Migrations.Latest) throw LedgerFailure.TooNew(Source.Name, _version, Migrations.Latest);
        if (_version < Migrations.Latest)
        {
            CopyAside(session);
            return;
        }

        PostgresSchema.Use(session, _schema);
        session.Scalar(ReadOnlySql, null);
    }

    /// <inheritdoc/>
    protected override bool IsCurrent(SqlSession session) => _version == Migrations.Latest || VersionIn(session, _schema) == _version;

    private static long VersionIn(SqlSession session, string schema)
    {
        if (schema.Length == 0 || session.Scalar(HistoryExistsSql, null, ("@schema", schema)) == 0) return 0;
        return session.Scalar($"select coalesce(max(version), 0) from {PostgresSchema.Quote(schema)}.schema_history", null);
    }

    private void CopyAside(SqlSession session)
    {
        PostgresSchema.UseTemporary(session);
        IReadOnlyList<Migration> done = [.. Migrations.All.Where(step => step.Version <= _version)];
        if (done.Count > 0) Migrations.Apply(session, Time, Source.Name, steps: done);
        foreach (var table in done.SelectMany(step => step.Tables))
        {
            session.Run(string.Create(
                CultureInfo.InvariantCulture,
                $"truncate {table}; insert into {table} select * from {PostgresSchema.Quote(_schema)}.{table}"), null);
        }

        Migrations.Apply(session, Time, Source.Name);
    }
}
