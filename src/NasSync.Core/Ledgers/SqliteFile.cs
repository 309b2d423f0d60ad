using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NasSync.Ledgers;

/// <summary>Opens SQLite connections as the ledger needs them.</summary>
internal static class SqliteFile
{
    // Long enough for another process's largest commit on a slow disk.
    private const int BusySeconds = 10;

    private static readonly object Gate = new();
    private static int _writers;

    /// <summary>
    /// Opens or closes a writer while no reader of this process shares a writer's index: SQLite keeps one index per file and process, so a writer
    /// that came to a reader's index, which is not writable, could not write either. Goes before every reader that waits: those may come so often
    /// that a lock, which is not fair, would let no writer in.
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

    /// <summary>Opens a reader, or asks what it asks, while no writer of this process opens or closes.</summary>
    public static T AsReader<T>(Func<T> work)
    {
        lock (Gate)
        {
            while (Volatile.Read(ref _writers) > 0) Monitor.Wait(Gate);
            return work();
        }
    }

    /// <summary>For writing; the file is created where it is missing.</summary>
    public static SqliteConnection Open(string path) => Opened(path, SqliteOpenMode.ReadWriteCreate);

    /// <summary>For reading a file that nobody has open: no lock is taken and no file beside it is made.</summary>
    public static SqliteConnection OpenImmutable(string path) => Opened(Uri(path, "immutable=1"), SqliteOpenMode.ReadOnly);

    /// <summary>
    /// For reading a file that another process has open or left behind: its log and index are used as they are, never written. To be closed
    /// before <see cref="AsReader"/> returns.
    /// </summary>
    public static SqliteConnection OpenShared(string path) => Opened(Uri(path, "readonly_shm=1"), SqliteOpenMode.ReadOnly);

    /// <summary>An empty database in memory.</summary>
    public static SqliteConnection OpenMemory() => Opened(":memory:", SqliteOpenMode.Memory);

    /// <summary>Starts a transaction that holds the write lock from the start, so that it cannot fail half way for want of it.</summary>
    public static DbTransaction BeginWrite(SqlSession session) => ((SqliteConnection)session.Connection).BeginTransaction(deferred: false);

    /// <summary>
    /// Ends a transaction that failed. A full disk or an I/O error makes SQLite itself roll back; the provider does not know, fails with "no
    /// transaction is active" when it rolls back, and would hide the error that counts. It is given a transaction to roll back, and none stays open.
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
            // The error that led here is the one to be told.
        }

        if (raw.sqlite3_get_autocommit(handle) == 0) raw.sqlite3_exec(handle, "rollback");
    }

    private static SqliteConnection Opened(string source, SqliteOpenMode mode)
    {
        // Without the pool: a disposed ledger must let go of its file at once.
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
