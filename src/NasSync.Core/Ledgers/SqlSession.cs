using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace NasSync.Ledgers;

/// <summary>One connection with its prepared statements. Not thread-safe; whoever holds it locks.</summary>
/// <param name="connection">The open connection; it is closed with the session.</param>
/// <param name="dialect">What kind of database it is; null is SQLite.</param>
internal sealed class SqlSession(DbConnection connection, SqlDialect? dialect = null) : IDisposable
{
    private const int SqliteCorrupt = 11;
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>The open connection.</summary>
    public DbConnection Connection => connection;

    /// <summary>What kind of database it is.</summary>
    public SqlDialect Dialect { get; } = dialect ?? SqlDialect.Sqlite;

    /// <summary>The statement, prepared at its first use, with these values for <c>@name</c>.</summary>
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

    /// <summary>Runs a statement and gives the number of rows it changed.</summary>
    public int Execute(string sql, DbTransaction? transaction, params ReadOnlySpan<SqlArgument> values) =>
        Command(sql, transaction, values).ExecuteNonQuery();

    /// <summary>The first value of the first row.</summary>
    public long Scalar(string sql, DbTransaction? transaction, params ReadOnlySpan<SqlArgument> values) =>
        Convert.ToInt64(Command(sql, transaction, values).ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>All rows.</summary>
    public List<T> Query<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlArgument> values)
    {
        var rows = new List<T>();
        using var reader = Command(sql, null, values).ExecuteReader();
        try
        {
            while (reader.Read()) rows.Add(read(new SqlRow(reader, Dialect)));
        }
        catch (Exception e) when (Dialect == SqlDialect.Sqlite && e is FormatException or InvalidCastException or InvalidOperationException or OverflowException)
        {
            // Only what this program wrote can stand there: bytes have turned where no check of the database sees it.
            throw new SqliteException("a row holds what was never written: " + Failure.Quote(e.Message), SqliteCorrupt);
        }

        return rows;
    }

    /// <summary>Runs a text of one or more statements once, as it is.</summary>
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
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }
}
