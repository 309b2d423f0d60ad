using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>A row of an answer.</summary>
internal readonly struct SqlRow
{
    private readonly DbDataReader? _reader;
    private readonly SqlDialect? _dialect;
    private readonly sqlite3_stmt? _statement;

    /// <summary>The row that a reader is at.</summary>
    public SqlRow(DbDataReader reader, SqlDialect dialect) => (_reader, _dialect) = (reader, dialect);

    /// <summary>The row that a statement of SQLite is at.</summary>
    public SqlRow(sqlite3_stmt statement) => _statement = statement;

    public bool IsDBNull(int column) => _statement is null ? _reader!.IsDBNull(column) : IsNull(column);

    public string GetString(int column) => _statement is null
        ? _dialect!.FromText(_reader!.GetString(column))
        : raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? throw Missing(column);

    /// <summary>A text that probably is one that is there already: then it is not made again.</summary>
    public unsafe string GetString(int column, string? probably)
    {
        if (probably is null) return GetString(column);
        if (_statement is null)
        {
            var text = GetString(column);
            return text == probably ? probably : text;
        }

        var stored = raw.sqlite3_column_text(_statement, column);
        fixed (byte* bytes = stored)
            if (bytes is not null && Ascii.Equals(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(bytes), probably)) return probably;
        return stored.utf8_to_string() ?? throw Missing(column);
    }

    public long GetInt64(int column)
    {
        if (_statement is null) return _reader!.GetInt64(column);
        var value = raw.sqlite3_column_int64(_statement, column);
        return value == 0 && IsNull(column) ? throw Missing(column) : value;
    }

    public int GetInt32(int column) => _statement is null ? _reader!.GetInt32(column) : checked((int)GetInt64(column));

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    // As the reader does it.
    private static InvalidOperationException Missing(int column) => new(FormattableString.Invariant($"column {column} is null"));
}
