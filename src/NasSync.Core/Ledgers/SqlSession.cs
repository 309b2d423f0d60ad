using System.Data.Common;
using System.Globalization;

namespace NasSync.Ledgers;

/// <summary>One connection with its prepared statements. Not thread-safe; whoever holds it locks.</summary>
internal sealed class SqlSession(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>The open connection.</summary>
    public DbConnection Connection => connection;

    /// <summary>The statement, prepared at its first use, with these values for <c>@name</c>.</summary>
    public DbCommand Command(string sql, DbTransaction? transaction, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in values)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        return command;
    }

    /// <summary>Runs a statement and gives the number of rows it changed.</summary>
    public int Execute(string sql, DbTransaction? transaction, params ReadOnlySpan<(string Name, object? Value)> values) =>
        Command(sql, transaction, values).ExecuteNonQuery();

    /// <summary>The first value of the first row.</summary>
    public long Scalar(string sql, DbTransaction? transaction, params ReadOnlySpan<(string Name, object? Value)> values) =>
        Convert.ToInt64(Command(sql, transaction, values).ExecuteScalar(), CultureInfo.InvariantCulture);

    /// <summary>All rows.</summary>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var rows = new List<T>();
        using var reader = Command(sql, null, values).ExecuteReader();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Closes the statements and the connection.</summary>
    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }
}
