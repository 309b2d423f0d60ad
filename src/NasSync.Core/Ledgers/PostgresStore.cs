using System.Data;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A PostgreSQL database over one connection, opened on demand. When the server or the connection fails, the whole piece of work is retried, over a
/// new connection if the old one broke, a bounded number of times. After that the failure is thrown, and the next call tries again.
/// </summary>
internal abstract class PostgresStore(PostgresSource source, TimeProvider time) : LedgerStore
{
    // Up to a minute and a half in total: a server restarts in seconds, a standby takes over in about a minute.
    private readonly RetryPolicy _atWork = new(12, source.BaseDelay, source.MaxDelay);

    // Fewer attempts until the first success: the user waits for an answer.
    private readonly RetryPolicy _atStart = new(3, source.BaseDelay, source.MaxDelay);

    private readonly object _gate = new();
    private SqlSession? _session;
    private bool _worked;
    private bool _disposed;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>The database.</summary>
    protected PostgresSource Source => source;

    /// <summary>The clock.</summary>
    protected TimeProvider Time => time;

    /// <inheritdoc/>
    public override T Read<T>(Func<SqlSession, T> question) => Locked(question);

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            try
            {
                if (_session is not null) Leave(_session);
            }
            catch (Exception e) when (PostgresFailure.IsOne(e) || e is InvalidOperationException)
            {
                // The server releases everything when the connection ends.
            }

            Close();
        }
    }

    /// <summary>Prepares a new connection for use.</summary>
    protected abstract void Prepare(SqlSession session);

    /// <summary>Releases what the connection holds before it is closed for good.</summary>
    protected virtual void Leave(SqlSession session)
    {
    }

    /// <summary>Whether a working connection still shows the current ledger.</summary>
    protected virtual bool IsCurrent(SqlSession session) => true;

    /// <summary>Runs work under the lock with a working connection; retries it when the database or the connection failed.</summary>
    protected T Locked<T>(Func<SqlSession, T> work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Ledger));
            for (var attempts = 1; ; attempts++)
            {
                try
                {
                    if (_session is not null && !IsCurrent(_session)) Close();
                    var answer = work(_session ??= Connect());
                    _worked = true;
                    return answer;
                }
                catch (Exception e) when (FailureOf(e) is { } failure)
                {
                    if (_session?.Connection.State != ConnectionState.Open) Close();
                    Wait(failure, attempts, e);
                }
            }
        }
    }

    private SqlSession Connect()
    {
        var session = new SqlSession(source.Open(), PostgresDialect.Postgres);
        try
        {
            Prepare(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // Null when the database did not cause the exception, or the failure is final already.
    private Failure? FailureOf(Exception e) =>
        PostgresFailure.IsOne(e)
            || e is NotSupportedException
            || (e is InvalidOperationException and not ObjectDisposedException && _session is { Connection.State: not ConnectionState.Open })
            ? PostgresFailure.Describe(e, source.Name)
            : e is FailureException { Failure: { IsTransient: true } known } ? known : null;

    private void Wait(Failure failure, int attempts, Exception cause)
    {
        var policy = _worked ? _atWork : _atStart;
        if (attempts >= policy.MaxAttempts || policy.DelayToNextRun(failure, attempts, Random.Shared.NextDouble()) is not { } delay)
        {
            // Fail fast on the next call, until the database works again.
            _worked = false;
            throw cause as FailureException ?? new FailureException(failure, cause);
        }

        Task.Delay(delay, time).GetAwaiter().GetResult();
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }
}
