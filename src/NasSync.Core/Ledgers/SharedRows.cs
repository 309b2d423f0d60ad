using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;

namespace NasSync.Ledgers;

/// <summary>The counters that identify a shared ledger and its runs.</summary>
internal static class SharedRows
{
    private const string FindSql = "select name, value from counters where name in ('ledger', 'run')";
    private const string NameSql = "insert into counters (name, value) values ('ledger', @id) on conflict (name) do nothing";
    private const string CountSql =
        "insert into counters (name, value) values ('run', 1) on conflict (name) do update set value = counters.value + 1";

    /// <summary>The ledger's identity; null when no program has opened it for writing yet.</summary>
    public static SharedState? Find(SqlSession session)
    {
        var found = session.Query(FindSql, row => (Name: row.GetString(0), Value: row.GetInt64(1)))
            .ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
        return found.TryGetValue("ledger", out var id) ? new SharedState(id, found.GetValueOrDefault("run")) : null;
    }

    /// <summary>Counts a run, and sets the ledger's id when it has none.</summary>
    public static void Begin(SqlSession session, DbTransaction transaction)
    {
        var random = BinaryPrimitives.ReadInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;
        session.Execute(NameSql, transaction, ("@id", random));
        session.Execute(CountSql, transaction);
    }
}
