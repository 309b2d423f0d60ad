using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>One connection with its prepared statements. Not thread-safe; the owner must lock.</summary>
/// <param name="connection">The open connection; closed together with the session.</param>
/// <param name="dialect">The kind of database; null means SQLite.</param>
internal sealed class SqlSession(DbConnection connection, SqlDialect? dialect = null) : IDisposable
{
    private const int SqliteCorrupt = 11;
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, sqlite3_stmt> _statements = new(StringComparer.Ordinal);

    /// <summary>The open connection.</summary>
    public DbConnection Connection => connection;

    /// <summary>The kind of database.</summary>
    public SqlDialect Dialect { get; } = dialect ?? SqlDialect.Sqlite;

    /// <summary>The statement, prepared at its first use, with these values for its parameters.</summary>
    public DbCommand Command(string sql, DbTransaction? transaction, params ReadOnlySpan<SqlArgument> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of this assembly; values are parameters.
            command.CommandText = Dialect.Statement(sql);
#pragma warning restore CA2100
            foreach (var value in values)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = value.Name;
                parameter.DbType = value.Type;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i].Value switch { null => DBNull.Value, string text => Dialect.ToText(text), var number => number };
        return command;
    }

    /// <summary>Runs a statement and returns the number of changed rows.</summary>
    public int Execute(string sql, DbTransaction? transaction, params ReadOnlySpan<SqlArgument> values) =>
        Command(sql, transaction, values).ExecuteNonQuery();

    /// <summary>The first value of the first row.</summary>
    public long Scalar(string sql, DbTransaction? transaction, params ReadOnlySpan<SqlArgument> values) =>
        Convert.ToInt64(Command(sql, transaction, values).ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>
    /// Hands over all rows of a frequent query with one text parameter. For SQLite it bypasses the provider, which takes several times as long per
    /// row as SQLite itself.
    /// </summary>
    public void ReadOften(string sql, IRows rows, (string Name, string Value) value)
    {
        if (connection is SqliteConnection { Handle: { } handle } && TryRead(handle, sql, rows, value.Value)) return;
        rows.Clear();
        Query(sql, row => { rows.Add(row); return true; }, value);
    }

    /// <summary>Reads all rows of a query.</summary>
    public List<T> Query<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlArgument> values)
    {
        var rows = new List<T>();
        using var reader = Command(sql, null, values).ExecuteReader();
        try
        {
            while (reader.Read()) rows.Add(read(new SqlRow(reader, Dialect)));
        }
        catch (Exception e) when (Dialect == SqlDialect.Sqlite && IsDamage(e))
        {
            throw Damaged(e);
        }

        return rows;
    }

    /// <summary>Runs one or more statements once, unprepared and untranslated.</summary>
    public void Run(string sql, DbTransaction? transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a file of this assembly, or made of its names and numbers.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Closes the statements and the connection.</summary>
    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }

    // False when SQLite returns anything but rows: the provider then repeats the query, and waits or reports the error.
    private bool TryRead(sqlite3 handle, string sql, IRows rows, string value)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (raw.sqlite3_prepare_v2(handle, sql, out statement) != raw.SQLITE_OK) return false;
            _statements.Add(sql, statement);
        }

        try
        {
            if (raw.sqlite3_bind_text(statement, 1, value) != raw.SQLITE_OK) return false;
            rows.Clear();
            int step;
            while ((step = raw.sqlite3_step(statement)) == raw.SQLITE_ROW) rows.Add(new SqlRow(statement));
            return step == raw.SQLITE_DONE;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e);
        }
        finally
        {
            // An active statement would keep its snapshot open and block checkpoints of the log.
            _ = raw.sqlite3_reset(statement);
        }
    }

    // Only this program writes rows, so an unreadable value means flipped bytes that no check of the database detects.
    private static bool IsDamage(Exception e) => e is FormatException or InvalidCastException or InvalidOperationException or OverflowException;

    private static SqliteException Damaged(Exception e) => new("a row holds what was never written: " + Failure.Quote(e.Message), SqliteCorrupt);
}
