using System.Data.Common;
using Microsoft.Data.Sqlite;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A SQLite file that is only looked at. SQLite itself would create a log and an index beside a file in WAL mode even to read it, so the way
/// to open it depends on what is there. A file that nobody has open is read without locks; should a writer come meanwhile, that is seen and
/// the question is asked again. A ledger that is missing or of an older schema is read from a copy in memory.
/// </summary>
internal sealed class ReadOnlyStore(string path, TimeProvider time) : LedgerStore
{
    private const int MaxTries = 20;

    private readonly object _gate = new();
    private SqlSession? _session;
    private Traces _opened;
    private bool _guardedByLocks;
    private bool _disposed;

    /// <inheritdoc/>
    public override T Read<T>(Func<SqlSession, T> question)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Ledger));
            for (var tries = 0; tries < MaxTries; tries++)
            {
                if (TryRead(question, out var answer)) return answer;
                Close();
            }
        }

        throw new FailureException(new Failure(
            FailureClass.Transient, "LedgerBusy", $"The ledger '{path}' changes faster than it can be read.", "Run again when the other NasSync is less busy."));
    }

    /// <inheritdoc/>
    public override void Write(Action<SqlSession, DbTransaction> change) =>
        throw new InvalidOperationException("This ledger was opened to be read only.");

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Close();
        }
    }

    private bool TryRead<T>(Func<SqlSession, T> question, out T answer)
    {
        answer = default!;
        if (_session is not null && !IsCurrent()) Close();
        try
        {
            _session ??= Open();
            answer = question(_session);
            return IsCurrent();
        }
        catch (SqliteException e)
        {
            if (_session is not null && IsCurrent()) throw LedgerFailure.From(e, path);
            if (_session is null && Traces.Of(path) == _opened) throw LedgerFailure.From(e, path);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read the ledger", path), e);
        }
    }

    private bool IsCurrent() => _guardedByLocks || Traces.Of(path) == _opened;

    private SqlSession Open()
    {
        _opened = Traces.Of(path);
        _guardedByLocks = false;
        if (!_opened.Exists) return InMemory(null);
        if (_opened is { Log: > 0, Index: false }) return InMemory(CopyAside);

        _guardedByLocks = _opened.Index;
        var session = new SqlSession(_opened.Index ? SqliteFile.OpenShared(path) : SqliteFile.OpenImmutable(path));
        try
        {
            var version = Migrations.VersionOf(session);
            if (version == Migrations.Latest) return session;
            if (version > Migrations.Latest) throw LedgerFailure.TooNew(path, version, Migrations.Latest);

            _guardedByLocks = false;
            using (session) return InMemory(memory => ((SqliteConnection)session.Connection).BackupDatabase(memory));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private SqlSession InMemory(Action<SqliteConnection>? fill)
    {
        var memory = SqliteFile.OpenMemory();
        var session = new SqlSession(memory);
        try
        {
            fill?.Invoke(memory);
            Migrations.Apply(session, time, path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // After a crash only the log may be left (a backup without the index, say); to replay it SQLite must write, so it does that elsewhere.
    private void CopyAside(SqliteConnection memory)
    {
        var aside = Directory.CreateTempSubdirectory("nassync-");
        try
        {
            var copy = Path.Combine(aside.FullName, Path.GetFileName(path));
            File.Copy(path, copy);
            File.Copy(path + Traces.LogSuffix, copy + Traces.LogSuffix);
            using var connection = SqliteFile.Open(copy);
            connection.BackupDatabase(memory);
        }
        finally
        {
            aside.Delete(recursive: true);
        }
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }

    /// <summary>What can be seen of the ledger from outside; equal traces mean that nobody wrote meanwhile.</summary>
    private readonly record struct Traces(bool Exists, long Size, DateTime ChangedAt, long Log, bool Index)
    {
        public const string LogSuffix = "-wal";

        public static Traces Of(string path)
        {
            var (file, log) = (new FileInfo(path), new FileInfo(path + LogSuffix));
            return new Traces(
                file.Exists, file.Exists ? file.Length : 0, file.Exists ? file.LastWriteTimeUtc : default, log.Exists ? log.Length : 0, File.Exists(path + "-shm"));
        }
    }
}
