using System.Data;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// A PostgreSQL database: one connection, opened when it is needed. What the server or the line fails at is done again as a whole, over a new
/// connection where that one broke, bounded in number; then the failure is told, and the next call tries once more.
/// </summary>
internal abstract class PostgresStore(PostgresSource source, TimeProvider time) : LedgerStore
{
    // Together up to a minute and a half: a server is restarted in seconds, a standby takes over in about one minute.
    private readonly RetryPolicy _atWork = new(12, source.BaseDelay, source.MaxDelay);

    // Who waits for the first answer wants it soon.
    private readonly RetryPolicy _atStart = new(3, source.BaseDelay, source.MaxDelay);

    private readonly object _gate = new();
    private SqlSession? _session;
    private bool _worked;
    private bool _disposed;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <summary>Which database it is.</summary>
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
                // The server does it itself when the connection ends.
            }

            Close();
        }
    }

    /// <summary>Makes a new connection fit for use.</summary>
    protected abstract void Prepare(SqlSession session);

    /// <summary>Gives back what the connection holds, before it is closed for good.</summary>
    protected virtual void Leave(SqlSession session)
    {
    }

    /// <summary>Whether a connection that works still shows the ledger as it is.</summary>
    protected virtual bool IsCurrent(SqlSession session) => true;

    /// <summary>Does a piece of work, alone, with a connection that works; again when the database or the line failed.</summary>
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

    // Null: it is not the database's, or was judged already.
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
            // Who asks next learns it soon, until it works again.
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
