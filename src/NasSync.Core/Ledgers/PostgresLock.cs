using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NasSync.Ledgers;

/// <summary>
/// The lock that permits writing the ledger: an advisory lock that the server ties to a connection and releases when it ends. All writes use the same
/// connection, so whoever lost the lock cannot write any more.
/// </summary>
internal static class PostgresLock
{
    private const string TakeSql = "select case when pg_try_advisory_lock(@key) then 1 else 0 end";

    private const string ReleaseSql = "select pg_advisory_unlock_all()";

    private const string HolderSql = """
        select held.pid, coalesce(seen.application_name, ''), coalesce(host(seen.client_addr), ''), coalesce(cast(seen.backend_start as text), '')
        from pg_locks as held left join pg_stat_activity as seen on seen.pid = held.pid
        where held.locktype = 'advisory' and held.granted and held.objsubid = 1
            and held.database = (select oid from pg_database where datname = current_database())
            and cast(held.classid as bigint) = @high and cast(held.objid as bigint) = @low
        """;

    private const string SelfSql =
        "select pid, coalesce(application_name, ''), coalesce(host(client_addr), ''), cast(backend_start as text) from "
            + "pg_stat_activity where pid = pg_backend_pid()";
    private const string EndSql =
        "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity where pid = @pid and "
            + "cast(backend_start as text) = @started) as ended";

    /// <summary>Tries to take the lock of a schema, without waiting.</summary>
    public static bool TryTake(SqlSession session, string schema) => session.Scalar(TakeSql, null, ("@key", KeyOf(schema))) == 1;

    /// <summary>The holder of a schema's lock; null when nobody holds it any more.</summary>
    public static Backend? Holder(SqlSession session, string schema)
    {
        var key = KeyOf(schema);
        return session.Query(HolderSql, Read, ("@high", (long)(uint)(key >> 32)), ("@low", (long)(uint)key)).FirstOrDefault();
    }

    /// <summary>The server process of this connection.</summary>
    public static Backend Self(SqlSession session) => session.Query(SelfSql, Read).Single();

    /// <summary>Terminates a broken connection of this run: the server may not have noticed, and keeps its lock.</summary>
    public static void End(SqlSession session, Backend own) => session.Scalar(EndSql, null, ("@pid", own.ProcessId), ("@started", own.Started));

    /// <summary>Releases the lock.</summary>
    public static void Release(SqlSession session) => session.Execute(ReleaseSql, null);

    // Advisory locks are per database, so the schema suffices as key.
    private static long KeyOf(string schema) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"nassync ledger {schema}")));

    private static Backend Read(SqlRow row) => new(row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetString(3));
}

/// <summary>The server process of a connection, as far as this user may see it.</summary>
/// <param name="ProcessId">The server's process id; not the client's.</param>
/// <param name="Application">The client's application name.</param>
/// <param name="Address">The client's address; empty for this machine or when hidden.</param>
/// <param name="Started">When the connection began, as the server writes it.</param>
internal sealed record Backend(int ProcessId, string Application, string Address, string Started)
{
    /// <summary>A description for messages, with a leading space.</summary>
    public string Shown
    {
        get
        {
            string[] known = [
                Application,
                Address.Length > 0 ? $"from {Address}" : "",
                Started.Length > 0 ? $"since {Started}" : "",
                $"server process {ProcessId}",
            ];
            return $" ({string.Join(", ", known.Where(part => part.Length > 0))})";
        }
    }
}
