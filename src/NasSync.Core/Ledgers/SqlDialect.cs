using System.Data.Common;
using System.Globalization;

namespace NasSync.Ledgers;

/// <summary>The differences between databases. Statements and schema are written once, in SQLite's syntax.</summary>
internal abstract class SqlDialect
{
    public static readonly SqlDialect Sqlite = new SqliteDialect();

    /// <summary>The version of the schema; 0 when there is none.</summary>
    public abstract long VersionOf(SqlSession session, DbTransaction? transaction);

    /// <summary>Stores the schema version.</summary>
    public abstract void SetVersion(SqlSession session, DbTransaction transaction, int version);

    /// <summary>Starts a transaction in which no other program changes the schema.</summary>
    public abstract DbTransaction BeginMigration(SqlSession session);

    /// <summary>Ends a failed transaction without hiding the original error.</summary>
    public virtual void Abandon(SqlSession session, DbTransaction transaction) => transaction.Dispose();

    /// <summary>Backs up the tables of an older version, in the transaction that migrates them.</summary>
    public virtual void BackUp(SqlSession session, DbTransaction transaction, IReadOnlyList<Migration> done, int latest)
    {
    }

    /// <summary>Translates a migration into this database's syntax.</summary>
    public virtual string Schema(string sql) => sql;

    /// <summary>Translates a statement into this database's syntax.</summary>
    public virtual string Statement(string sql) => sql;

    /// <summary>Encodes a text so that this database can store it.</summary>
    public virtual string ToText(string text) => text;

    /// <summary>Decodes a text that <see cref="ToText"/> encoded.</summary>
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
