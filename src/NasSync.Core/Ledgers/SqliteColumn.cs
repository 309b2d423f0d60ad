using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// The columns of the row that a statement of SQLite is at. They are asked for hundreds of thousands of times a run, and each takes a few
/// instructions; the provider's way to them takes ten times as many. So the library is called itself, if it surely is the one that the provider
/// calls.
/// </summary>
internal static unsafe partial class SqliteColumn
{
    private static readonly bool IsOne = IsThatOfProvider();

    /// <summary>A text as UTF-8, good until the statement goes on; null where there is none.</summary>
    public static byte* Text(sqlite3_stmt statement, int column, out int length)
    {
        if (IsOne)
        {
            var text = TextOf(statement.DangerousGetHandle(), column);
            length = text is null ? 0 : BytesOf(statement.DangerousGetHandle(), column);
            return text;
        }

        // It lies in SQLite's memory, which nothing moves.
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

    // A statement of one library is nothing to another: they are one if they keep their version's text at one place.
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
