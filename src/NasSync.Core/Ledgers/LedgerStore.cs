using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>Where the ledger's rows are: serializes access and turns the database's errors into failures. Safe to call from several threads.</summary>
internal abstract class LedgerStore : IDisposable
{
    /// <summary>Runs a question; its answer belongs to one state of the database.</summary>
    public abstract T Read<T>(Func<SqlSession, T> question);

    /// <summary>Runs a change as one transaction: after it all is durable, after an exception nothing happened.</summary>
    public abstract void Write(Action<SqlSession, DbTransaction> change);

    /// <inheritdoc/>
    public abstract void Dispose();
}
