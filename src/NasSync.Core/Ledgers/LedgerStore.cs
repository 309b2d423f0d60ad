using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>A ledger's storage: serializes access and turns database errors into failures. Safe to call from several threads.</summary>
internal abstract class LedgerStore : IDisposable
{
    /// <summary>A notice for people about the ledger; null when there is none.</summary>
    public Notice? Notice { get; protected set; }

    /// <summary>Whether this ledger replaced a lost one and no run has completed since.</summary>
    public virtual bool IsRebuilding => false;

    /// <summary>Whether other machines may use the ledger too.</summary>
    public virtual bool IsShared => false;

    /// <summary>Runs a query on a consistent snapshot of the database.</summary>
    public abstract T Read<T>(Func<SqlSession, T> question);

    /// <summary>
    /// Runs a change as one durable transaction; an exception rolls it back. May run the change again from its start when the database requires it.
    /// </summary>
    public abstract void Write(Action<SqlSession, DbTransaction> change);

    /// <summary>Notes that a run has completed.</summary>
    public virtual void FinishRebuilding()
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
