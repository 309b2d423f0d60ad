using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>
/// Where the ledger's rows are: serializes access and turns the database's errors into failures. Safe to call from several threads.
/// </summary>
internal abstract class LedgerStore : IDisposable
{
    /// <summary>What people should be told of the ledger, once; else null.</summary>
    public Notice? Notice { get; protected set; }

    /// <summary>Whether this ledger took the place of one that was lost, and no run has gone to its end since.</summary>
    public virtual bool IsRebuilding => false;

    /// <summary>Whether other machines may use it too.</summary>
    public virtual bool IsShared => false;

    /// <summary>Runs a question; its answer belongs to one state of the database.</summary>
    public abstract T Read<T>(Func<SqlSession, T> question);

    /// <summary>
    /// Runs a change as one transaction: after it all is durable, after an exception nothing happened. It may be run again from its start when
    /// the database asks for it.
    /// </summary>
    public abstract void Write(Action<SqlSession, DbTransaction> change);

    /// <summary>Says that a run has gone to its end.</summary>
    public virtual void FinishRebuilding()
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
