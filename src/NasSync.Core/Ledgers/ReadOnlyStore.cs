using System.Data.Common;
using Microsoft.Data.Sqlite;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A SQLite file that is only looked at. SQLite itself would create a log and an index beside a file in WAL mode even to read it, so the way
/// to open it depends on what is there. A file that nobody has open is read without locks; should a writer come meanwhile, that is seen and
/// the question is asked again. A ledger that is missing or of an older schema is read from a copy in memory.
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

    /// <summary>False when the file changed meanwhile, so that the answer counts for nothing.</summary>
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
            // A writer closed its log while it was being copied.
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "read the ledger", _path), e);
        }
    }

    // The answer where a writer's index is shared, which must be let go of at once; else null, and the session is open.
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

    /// <summary>The session, or one on a copy in memory with today's schema.</summary>
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

    // Not seen is not missing: it may be no file, or this account may not look. Then opening it tells.
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

    // After a crash only the log may be left (a backup without the index, say); to replay it SQLite must write, so it does that elsewhere.
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

    /// <summary>What can be seen of the ledger from outside; equal traces mean that nobody wrote meanwhile.</summary>
    private readonly record struct Traces(bool Exists, long Size, DateTime ChangedAt, long Log, bool Index)
    {
        // What a log begins with, before any page of it.
        private const int LogHeader = 32;

        /// <summary>
        /// The log may hold something. One that was cut off behind its header does not, and SQLite, when it may not write the index, tries for
        /// ten seconds to make sense of it and gives up.
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
