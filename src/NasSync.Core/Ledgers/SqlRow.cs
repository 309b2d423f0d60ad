using System.Data.Common;
using System.Text;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>The current row of a result.</summary>
internal readonly unsafe struct SqlRow
{
    private readonly DbDataReader? _reader;
    private readonly SqlDialect? _dialect;
    private readonly sqlite3_stmt? _statement;

    /// <summary>The current row of a reader.</summary>
    public SqlRow(DbDataReader reader, SqlDialect dialect) => (_reader, _dialect) = (reader, dialect);

    /// <summary>The current row of an SQLite statement.</summary>
    public SqlRow(sqlite3_stmt statement) => _statement = statement;

    public bool IsDBNull(int column) => _statement is null ? _reader!.IsDBNull(column) : SqliteColumn.IsNull(_statement, column);

    public string GetString(int column)
    {
        if (_statement is null) return _dialect!.FromText(_reader!.GetString(column));
        var text = SqliteColumn.Text(_statement, column, out var length);
        return text is null ? throw Missing(column) : Encoding.UTF8.GetString(text, length);
    }

    /// <summary>A text; returns <paramref name="probably"/> instead of allocating when both are equal.</summary>
    public string GetString(int column, string? probably) => probably is not null && Is(column, probably) ? probably : GetString(column);

    /// <summary>Whether a column equals a text, without allocating when the text is ASCII.</summary>
    public bool Is(int column, string text)
    {
        if (_statement is null) return GetString(column) == text;
        var stored = SqliteColumn.Text(_statement, column, out var length);
        return stored is not null && Ascii.Equals(new ReadOnlySpan<byte>(stored, length), text);
    }

    /// <summary>The index of the text that a column equals; -1 when it equals none.</summary>
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

    // The same exception type as the reader's.
    private static InvalidOperationException Missing(int column) => new(FormattableString.Invariant($"column {column} is null"));
}
