using System.Data.Common;
using System.Text;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>A row of an answer.</summary>
internal readonly unsafe struct SqlRow
{
    private readonly DbDataReader? _reader;
    private readonly SqlDialect? _dialect;
    private readonly sqlite3_stmt? _statement;

    /// <summary>The row that a reader is at.</summary>
    public SqlRow(DbDataReader reader, SqlDialect dialect) => (_reader, _dialect) = (reader, dialect);

    /// <summary>The row that a statement of SQLite is at.</summary>
    public SqlRow(sqlite3_stmt statement) => _statement = statement;

    public bool IsDBNull(int column) => _statement is null ? _reader!.IsDBNull(column) : SqliteColumn.IsNull(_statement, column);

    public string GetString(int column)
    {
        if (_statement is null) return _dialect!.FromText(_reader!.GetString(column));
        var text = SqliteColumn.Text(_statement, column, out var length);
        return text is null ? throw Missing(column) : Encoding.UTF8.GetString(text, length);
    }

    /// <summary>A text that probably is one that is there already: then it is not made again.</summary>
    public string GetString(int column, string? probably) => probably is not null && Is(column, probably) ? probably : GetString(column);

    /// <summary>Whether a text is this one; none is made for it.</summary>
    public bool Is(int column, string text)
    {
        if (_statement is null) return GetString(column) == text;
        var stored = SqliteColumn.Text(_statement, column, out var length);
        return stored is not null && Ascii.Equals(new ReadOnlySpan<byte>(stored, length), text);
    }

    /// <summary>Which of some texts it is; -1: none of them.</summary>
    public int IndexOf(int column, ReadOnlySpan<string> texts)
    {
        if (_statement is null) return texts.IndexOf(GetString(column));
        var stored = SqliteColumn.Text(_statement, column, out var length);
        for (var i = 0; i < texts.Length && stored is not null; i++)
            if (Ascii.Equals(new ReadOnlySpan<byte>(stored, length), texts[i])) return i;
        return -1;
    }

    public long GetInt64(int column)
    {
        if (_statement is null) return _reader!.GetInt64(column);
        var value = SqliteColumn.Int64(_statement, column);
        return value == 0 && SqliteColumn.IsNull(_statement, column) ? throw Missing(column) : value;
    }

    public int GetInt32(int column) => _statement is null ? _reader!.GetInt32(column) : checked((int)GetInt64(column));

    // As the reader does it.
    private static InvalidOperationException Missing(int column) => new(FormattableString.Invariant($"column {column} is null"));
}
