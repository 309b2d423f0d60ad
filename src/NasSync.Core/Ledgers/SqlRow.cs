using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>A row of an answer.</summary>
internal readonly struct SqlRow(DbDataReader reader, SqlDialect dialect)
{
    public bool IsDBNull(int column) => reader.IsDBNull(column);

    public string GetString(int column) => dialect.FromText(reader.GetString(column));

    public long GetInt64(int column) => reader.GetInt64(column);

    public int GetInt32(int column) => reader.GetInt32(column);
}
