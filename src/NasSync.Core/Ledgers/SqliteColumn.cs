using System.Runtime.InteropServices;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>
/// The columns of the row that a statement of SQLite is at. They are asked for hundreds of thousands of times a run, and each takes a few
/// instructions; the provider's way to them takes ten times as many. So the library is called itself, if it surely is the one that the provider calls.
/// </summary>
internal static unsafe class SqliteColumn
{
    private static readonly nint Library = Find();

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*> TextOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*>)Function("sqlite3_column_text");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int> BytesOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int>)Function("sqlite3_column_bytes");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long> Int64Of =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long>)Function("sqlite3_column_int64");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int> TypeOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int>)Function("sqlite3_column_type");

    /// <summary>A text as UTF-8, good until the statement goes on; null where there is none.</summary>
    public static byte* Text(sqlite3_stmt statement, int column, out int length)
    {
        if (Library != 0)
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
        Library != 0 ? Int64Of(statement.DangerousGetHandle(), column) : raw.sqlite3_column_int64(statement, column);

    public static bool IsNull(sqlite3_stmt statement, int column) =>
        (Library != 0 ? TypeOf(statement.DangerousGetHandle(), column) : raw.sqlite3_column_type(statement, column)) == raw.SQLITE_NULL;

    private static nint Function(string name) => Library == 0 ? 0 : NativeLibrary.GetExport(Library, name);

    // A statement of one library is nothing to another: they are one if they keep their version's text at one place.
    private static nint Find()
    {
        var library = SystemSqlite.Load(SystemSqlite.Candidates, typeof(SQLite3Provider_e_sqlite3).Assembly);
        if (library == 0 || !NativeLibrary.TryGetExport(library, "sqlite3_libversion", out var version)) return 0;
        fixed (byte* providers = raw.sqlite3_libversion())
            return ((delegate* unmanaged[Cdecl]<byte*>)version)() == providers ? library : 0;
    }
}
