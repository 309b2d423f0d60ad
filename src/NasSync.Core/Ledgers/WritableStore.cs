using System.Data.Common;
using Microsoft.Data.Sqlite;
using NasSync.Failures;
using NasSync.Processes;

namespace NasSync.Ledgers;

/// <summary>A SQLite file that this process writes, over one connection.</summary>
internal sealed class WritableStore : LedgerStore
{
    // WAL mode, synced at every commit: a recorded copy survives a power cut.
    private const string Settings = """
        pragma busy_timeout = 10000;
        pragma foreign_keys = on;
        pragma synchronous = full;
        """;

    private readonly object _gate = new();
    private readonly string _path;
    private readonly SqlSession _session;
    private bool _rebuilding;
    private bool _disposed;

    private WritableStore(string path, SqlSession session) => (_path, _session) = (path, session);

    /// <inheritdoc/>
    public override bool IsRebuilding => _rebuilding;

    /// <summary>
    /// Opens the file and migrates its schema; creates the file and its folder when missing. Sets a damaged file aside and creates a new one. The
    /// caller must hold the work folder's lock.
    /// </summary>
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

        return SqliteFile.AsWriter(() =>
        {
            try
            {
                return OpenFile(path, time, null);
            }
            catch (FailureException e) when (LedgerFailure.IsDamage(e.Failure))
            {
                var aside = new LedgerFiles(path).SetAside(time.GetUtcNow());
                return OpenFile(path, time, LedgerFailure.SetAside(path, aside, e.Failure));
            }
        });
    }

    /// <inheritdoc/>
    public override T Read<T>(Func<SqlSession, T> question) => Locked(() => question(_session));

    /// <inheritdoc/>
    public override void Write(Action<SqlSession, DbTransaction> change) => Locked(() =>
    {
        var transaction = SqliteFile.BeginWrite(_session);
        try
        {
            change(_session, transaction);
            CrashPoint.Reach(CrashPoint.LedgerCommitting);
            transaction.Commit();
            CrashPoint.Reach(CrashPoint.LedgerCommitted);
        }
        catch
        {
            SqliteFile.Abandon(_session, transaction);
            throw;
        }

        transaction.Dispose();
        return true;
    });

    /// <inheritdoc/>
    public override void FinishRebuilding()
    {
        if (!_rebuilding) return;
        Write((session, transaction) => MarkRows.Clear(session, transaction, MarkRows.Rebuilding));
        _rebuilding = false;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;

            // The last connection to close removes log and index; no reader of this process may open in between.
            SqliteFile.AsWriter(() =>
            {
                _session.Dispose();
                return true;
            });
        }
    }

    private static WritableStore OpenFile(string path, TimeProvider time, Notice? notice)
    {
        var files = new LedgerFiles(path);
        var wasCutOff = files.WasCutOff;
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

            Examine(session, files, wasCutOff, path);
            var isNew = Migrations.VersionOf(session) == 0;
            if (files.WasMade && isNew) notice ??= LedgerFailure.Lost(path);
            BackUp(session, files);
            Migrations.Apply(session, time, path, rebuilding: notice is not null);
            if (files.IsSuspect) ReadAllRows(session);
            if (files.WasShared && !isNew) notice ??= TakeUp(session, time, path);
            files.NoteMade();
            return new WritableStore(path, session) { Notice = notice, _rebuilding = MarkRows.IsSet(session, MarkRows.Rebuilding) };
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is SqliteException error) throw LedgerFailure.From(error, path);
            if (e is IOException or UnauthorizedAccessException) throw new FailureException(SystemFailure.FromException(e, "write", path), e);
            throw;
        }
    }

    // While a shared ledger was in use, nothing was recorded in this one.
    private static Notice TakeUp(SqlSession session, TimeProvider time, string path)
    {
        var transaction = SqliteFile.BeginWrite(session);
        try
        {
            MarkRows.Set(session, transaction, MarkRows.Rebuilding, SqlValue.ToNs(time.GetUtcNow()));
            transaction.Commit();
        }
        catch
        {
            SqliteFile.Abandon(session, transaction);
            throw;
        }

        transaction.Dispose();
        return LedgerFailure.Replaced(path);
    }

    // Keeps an older ledger unchanged for the program that wrote it.
    private static void BackUp(SqlSession session, LedgerFiles files)
    {
        var version = Migrations.VersionOf(session);
        if (version == 0 || version >= Migrations.Latest) return;
        var backup = files.PrepareBackup(Migrations.Latest);
        session.Execute("vacuum into @backup", null, ("@backup", backup));
        LedgerFiles.Flush(backup);
        CrashPoint.Reach(CrashPoint.LedgerBackedUp);
    }

    // Checking 100,000 copies takes 0.15 s, and 1.5 s when read from disk, so check only on suspicion. quick_check does not compare indexes with
    // their tables.
    private static void Examine(SqlSession session, LedgerFiles files, bool wasCutOff, string path)
    {
        if (!files.IsSuspect && !wasCutOff) return;
        using var check = session.Connection.CreateCommand();
        check.CommandText = files.IsSuspect ? "pragma integrity_check(1)" : "pragma quick_check(1)";
        if (check.ExecuteScalar() is not "ok" and var found)
            throw new FailureException(LedgerFailure.Damaged(path, $"{found}".ReplaceLineEndings(" ")));
    }

    // Finds damage that no check of the database sees, such as a path that is no longer valid.
    private static void ReadAllRows(SqlSession session)
    {
        const int AtOnce = 1000;
        List<RecordedCopy> page = [];
        do page = CopyRows.Page(session, page.LastOrDefault(), AtOnce);
        while (page.Count == AtOnce);
        _ = FailureRows.All(session);
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
                var failure = LedgerFailure.From(e, _path);
                if (LedgerFailure.IsDamage(failure.Failure)) new LedgerFiles(_path).NoteSuspect();
                throw failure;
            }
        }
    }
}
