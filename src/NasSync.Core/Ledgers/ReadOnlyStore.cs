using System.Data.Common;
using Microsoft.Data.Sqlite;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A SQLite file for reading only. SQLite would create a log and an index beside a WAL file even to read it, so the way to open it depends on the
/// files that exist. A file that no process has open is read without locks; when a writer appears meanwhile, the query is repeated. A missing ledger,
/// or one with an older schema, is read from a copy in memory.
/// </summary>
internal sealed class ReadOnlyStore : LedgerStore
{
    private const int MaxTries = 20;

    private readonly object _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private SqlSession? _session;
    private Traces _opened;
    private SqliteException? _lastError;
    private bool _disposed;

    public ReadOnlyStore(string path, TimeProvider time)
    {
        (_path, _time) = (path, time);
        if (new LedgerFiles(path).IsLost) Notice = LedgerFailure.Lost(path);
    }

    /// <inheritdoc/>
    public override bool IsRebuilding => Notice is not null || Read(session => MarkRows.IsSet(session, MarkRows.Rebuilding));

    /// <inheritdoc/>
    public override T Read<T>(Func<SqlSession, T> question)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Ledger));
            _lastError = null;
            for (var tries = 0; tries < MaxTries; tries++)
            {
                if (TryRead(question, out var answer)) return answer;
                Close();
            }

            if (_lastError is not null) throw LedgerFailure.From(_lastError, _path);
        }

        throw new FailureException(new Failure(
            FailureClass.Transient,
            "LedgerBusy",
            $"The ledger '{_path}' changes faster than it can be read.",
            "Run again when the other NasSync is less busy."));
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

    /// <summary>False when the file changed meanwhile, so that the answer is void.</summary>
    private bool TryRead<T>(Func<SqlSession, T> question, out T answer)
    {
        answer = default!;
        try
        {
            if (_session is null || Traces.Of(_path) != _opened)
            {
                Close();
                if (SqliteFile.AsReader(() => AskedShared(question)) is { } shared)
                {
                    answer = shared.Answer;
                    return true;
                }
            }

            answer = question(_session!);
            return Traces.Of(_path) == _opened;
        }
        catch (SqliteException e) when (_opened.Index || Traces.Of(_path) != _opened)
        {
            _lastError = e;
            return false;
        }
        catch (SqliteException e)
        {
            throw LedgerFailure.From(e, _path);
        }
        catch (IOException) when (Traces.Of(_path) != _opened)
        {
            // A writer closed the log while it was being copied.
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read the ledger", _path), e);
        }
    }

    // With a writer's index: answers and closes the connection at once. Without: returns null and leaves the session open.
    private Shared<T>? AskedShared<T>(Func<SqlSession, T> question)
    {
        _opened = Traces.Of(_path);
        if (_opened is { Index: true, HasFrames: true })
        {
            using var shared = Current(new SqlSession(SqliteFile.OpenShared(_path)));
            return new Shared<T>(question(shared));
        }

        _session = Open();
        return null;
    }

    private SqlSession Open()
    {
        if (!_opened.Exists && IsMissing()) return InMemory(null);
        return _opened.HasFrames ? InMemory(CopyAside) : Current(new SqlSession(SqliteFile.OpenImmutable(_path)));
    }

    /// <summary>The session itself, or one on an in-memory copy that was migrated to the current schema.</summary>
    private SqlSession Current(SqlSession session)
    {
        try
        {
            var version = Migrations.VersionOf(session);
            if (version == Migrations.Latest) return session;
            if (version > Migrations.Latest) throw LedgerFailure.TooNew(_path, version, Migrations.Latest);
            using (session) return InMemory(memory => ((SqliteConnection)session.Connection).BackupDatabase(memory));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // File.Exists is also false for a folder, or when the account may not look. Only a not-found error means missing; otherwise opening reports the
    // cause.
    private bool IsMissing()
    {
        try
        {
            File.GetAttributes(_path);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
    }

    private SqlSession InMemory(Action<SqliteConnection>? fill)
    {
        var memory = SqliteFile.OpenMemory();
        var session = new SqlSession(memory);
        try
        {
            fill?.Invoke(memory);
            Migrations.Apply(session, _time, _path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // After a crash, or in a backup, a log may exist without the index. Replaying it requires writing, so SQLite does that on a copy.
    private void CopyAside(SqliteConnection memory)
    {
        var aside = Directory.CreateTempSubdirectory("nassync-");
        try
        {
            var copy = Path.Combine(aside.FullName, Path.GetFileName(_path));
            File.Copy(_path, copy);
            File.Copy(_path + LedgerFiles.LogSuffix, copy + LedgerFiles.LogSuffix);
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

    private sealed record Shared<T>(T Answer);

    /// <summary>The ledger's files as seen from outside; equal traces mean that nobody wrote meanwhile.</summary>
    private readonly record struct Traces(bool Exists, long Size, DateTime ChangedAt, long Log, bool Index)
    {
        // The size of the log's header.
        private const int LogHeader = 32;

        /// <summary>
        /// Whether the log may hold frames. A log that ends after its header holds none, and SQLite, when it may not write the index, would retry for
        /// ten seconds to read it and then give up.
        /// </summary>
        public bool HasFrames => Log > LogHeader;

        public static Traces Of(string path)
        {
            var (file, log) = (new FileInfo(path), new FileInfo(path + LedgerFiles.LogSuffix));
            return new Traces(
                file.Exists,
                file.Exists ? file.Length : 0,
                file.Exists ? file.LastWriteTimeUtc : default,
                log.Exists ? log.Length : 0,
                File.Exists(path + LedgerFiles.IndexSuffix));
        }
    }
}
