using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>Opens SQLite connections as the ledger needs them.</summary>
internal static class SqliteFile
{
    // Longer than another process's largest commit takes on a slow disk.
    private const int BusySeconds = 10;

    private static readonly object Gate = new();
    private static int _writers;

    /// <summary>
    /// Runs the opening or closing of a writer while no reader of this process shares a writer's index. SQLite keeps one index per file and process,
    /// so a writer that joined a reader's read-only index could not write. Has priority over waiting readers, because frequent readers would
    /// otherwise starve writers on the unfair lock.
    /// </summary>
    public static T AsWriter<T>(Func<T> work)
    {
        Interlocked.Increment(ref _writers);
        lock (Gate)
        {
            try
            {
                return work();
            }
            finally
            {
                Interlocked.Decrement(ref _writers);
                Monitor.PulseAll(Gate);
            }
        }
    }

    /// <summary>Opens a reader, or runs its query, while no writer of this process opens or closes.</summary>
    public static T AsReader<T>(Func<T> work)
    {
        lock (Gate)
        {
            while (Volatile.Read(ref _writers) > 0) Monitor.Wait(Gate);
            return work();
        }
    }

    /// <summary>Opens a file for writing and creates it when missing.</summary>
    public static SqliteConnection Open(string path) => Opened(path, SqliteOpenMode.ReadWriteCreate);

    /// <summary>Opens a file that no process has open, for reading: takes no lock and creates no file beside it.</summary>
    public static SqliteConnection OpenImmutable(string path) => Opened(Uri(path, "immutable=1"), SqliteOpenMode.ReadOnly);

    /// <summary>
    /// Opens a file that another process has open or left behind, for reading: uses its log and index as they are and never writes them. Close it
    /// before <see cref="AsReader"/> returns.
    /// </summary>
    public static SqliteConnection OpenShared(string path) => Opened(Uri(path, "readonly_shm=1"), SqliteOpenMode.ReadOnly);

    /// <summary>Opens an empty in-memory database.</summary>
    public static SqliteConnection OpenMemory() => Opened(":memory:", SqliteOpenMode.Memory);

    /// <summary>Begins a transaction that takes the write lock at once, so that it cannot fail half way for lack of the lock.</summary>
    public static DbTransaction BeginWrite(SqlSession session) => ((SqliteConnection)session.Connection).BeginTransaction(deferred: false);

    /// <summary>
    /// Ends a failed transaction. After a full disk or an I/O error SQLite has rolled back itself, but the provider does not know: its rollback fails
    /// with "no transaction is active" and would hide the original error. So this begins a transaction for the provider to roll back, and leaves none
    /// open.
    /// </summary>
    public static void Abandon(SqlSession session, DbTransaction transaction)
    {
        var handle = ((SqliteConnection)session.Connection).Handle;
        if (raw.sqlite3_get_autocommit(handle) != 0) raw.sqlite3_exec(handle, "begin");
        try
        {
            transaction.Dispose();
        }
        catch (SqliteException)
        {
            // Report the error that led here instead.
        }

        if (raw.sqlite3_get_autocommit(handle) == 0) raw.sqlite3_exec(handle, "rollback");
    }

    private static SqliteConnection Opened(string source, SqliteOpenMode mode)
    {
        // No pool: a disposed ledger must close its file at once.
        var settings = new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false, DefaultTimeout = BusySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string Uri(string path, string option)
    {
        var escaped = path.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return OperatingSystem.IsWindows() ? $"file:///{escaped.Replace('\\', '/')}?{option}" : $"file:{escaped}?{option}";
    }
}
