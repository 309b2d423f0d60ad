using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// Reads the columns of an SQLite statement's current row. A run does this hundreds of thousands of times, and the provider takes ten times as many
/// instructions as the library itself. So this calls the library directly, provided it is certainly the one that the provider calls.
/// </summary>
internal static unsafe partial class SqliteColumn
{
    private static readonly bool IsOne = IsThatOfProvider();

    /// <summary>A text as UTF-8, valid until the statement advances; null for a null column.</summary>
    public static byte* Text(sqlite3_stmt statement, int column, out int length)
    {
        if (IsOne)
        {
            var text = TextOf(statement.DangerousGetHandle(), column);
            length = text is null ? 0 : BytesOf(statement.DangerousGetHandle(), column);
            return text;
        }

        // The text is in SQLite's own memory, which the garbage collector does not move.
        fixed (byte* text = raw.sqlite3_column_text(statement, column))
        {
            length = text is null ? 0 : raw.sqlite3_column_bytes(statement, column);
            return text;
        }
    }

    public static long Int64(sqlite3_stmt statement, int column) =>
        IsOne ? Int64Of(statement.DangerousGetHandle(), column) : raw.sqlite3_column_int64(statement, column);

    public static bool IsNull(sqlite3_stmt statement, int column) =>
        (IsOne ? TypeOf(statement.DangerousGetHandle(), column) : raw.sqlite3_column_type(statement, column)) == raw.SQLITE_NULL;

    // A statement of one copy of the library is meaningless to another. Both are the same copy if their version text has the same address.
    private static bool IsThatOfProvider()
    {
        try
        {
            fixed (byte* providers = raw.sqlite3_libversion()) return Version() == providers;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_libversion")]
    private static partial byte* Version();

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_text"), SuppressGCTransition]
    private static partial byte* TextOf(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    private static partial int BytesOf(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    private static partial long Int64Of(nint statement, int column);

    [LibraryImport(SqliteLibrary.Name, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    private static partial int TypeOf(nint statement, int column);
}
