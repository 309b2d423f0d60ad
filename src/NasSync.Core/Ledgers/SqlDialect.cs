using System.Data.Common;
using System.Globalization;

namespace NasSync.Ledgers;

/// <summary>Where the databases differ: all statements and the schema are written once, as SQLite takes them.</summary>
internal abstract class SqlDialect
{
    /// <summary>A SQLite file.</summary>
    public static readonly SqlDialect Sqlite = new SqliteDialect();

    /// <summary>The version of the schema; 0 when there is none.</summary>
    public abstract long VersionOf(SqlSession session, DbTransaction? transaction);

    /// <summary>Says which version the schema has from now on.</summary>
    public abstract void SetVersion(SqlSession session, DbTransaction transaction, int version);

    /// <summary>Starts a transaction in which no other program changes the schema.</summary>
    public abstract DbTransaction BeginMigration(SqlSession session);

    /// <summary>Ends a transaction that failed, without hiding why.</summary>
    public virtual void Abandon(SqlSession session, DbTransaction transaction) => transaction.Dispose();

    /// <summary>Keeps the tables of an older version as they are, in the transaction that changes them.</summary>
    public virtual void BackUp(SqlSession session, DbTransaction transaction, IReadOnlyList<Migration> done, int latest)
    {
    }

    /// <summary>A step of the schema, as this database takes it.</summary>
    public virtual string Schema(string sql) => sql;

    /// <summary>A statement, as this database takes it.</summary>
    public virtual string Statement(string sql) => sql;

    /// <summary>A text, as this database can hold it.</summary>
    public virtual string ToText(string text) => text;

    /// <summary>The text that <see cref="ToText"/> was given.</summary>
    public virtual string FromText(string stored) => stored;

    private sealed class SqliteDialect : SqlDialect
    {
        public override long VersionOf(SqlSession session, DbTransaction? transaction) => session.Scalar("pragma user_version", transaction);

        public override void SetVersion(SqlSession session, DbTransaction transaction, int version) =>
            session.Run(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {version}"), transaction);

        public override DbTransaction BeginMigration(SqlSession session) => SqliteFile.BeginWrite(session);

        public override void Abandon(SqlSession session, DbTransaction transaction) => SqliteFile.Abandon(session, transaction);
    }
}
