using System.Data.Common;
using Microsoft.Data.Sqlite;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>A SQLite file that this process writes: one connection, one lock.</summary>
internal sealed class WritableStore : LedgerStore
{
    // A write-ahead log, synced at every commit: a recorded copy survives a power cut.
    private const string Settings = """
        pragma busy_timeout = 10000;
        pragma foreign_keys = on;
        pragma synchronous = full;
        """;

    private readonly object _gate = new();
    private readonly string _path;
    private readonly SqlSession _session;
    private bool _disposed;

    private WritableStore(string path, SqlSession session) => (_path, _session) = (path, session);

    /// <summary>Opens or creates the file and its folder, and brings its schema up to date.</summary>
    public static WritableStore Open(string path, TimeProvider time)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "create the work folder", folder), e);
        }

        lock (SqliteFile.Gate) return OpenFile(path, time);
    }

    /// <inheritdoc/>
    public override T Read<T>(Func<SqlSession, T> question) => Locked(() => question(_session));

    /// <inheritdoc/>
    public override void Write(Action<SqlSession, DbTransaction> change) => Locked(() =>
    {
        using var transaction = SqliteFile.BeginWrite(_session);
        try
        {
            change(_session, transaction);
            transaction.Commit();
        }
        catch
        {
            SqliteFile.KeepRollbackPossible(_session);
            throw;
        }

        return true;
    });

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;

            // The last one to close removes log and index; no reader of this process may come in between.
            lock (SqliteFile.Gate) _session.Dispose();
        }
    }

    private static WritableStore OpenFile(string path, TimeProvider time)
    {
        SqlSession? session = null;
        try
        {
            session = new SqlSession(SqliteFile.Open(path));
            session.Execute(Settings, null);
            using (var mode = session.Connection.CreateCommand())
            {
                mode.CommandText = "pragma journal_mode = wal";
                if (mode.ExecuteScalar() is not "wal") throw LedgerFailure.NoWal(path);
            }

            Migrations.Apply(session, time, path);
            return new WritableStore(path, session);
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is SqliteException error) throw LedgerFailure.From(error, path);
            throw;
        }
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Ledger));
            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                throw LedgerFailure.From(e, _path);
            }
        }
    }
}
