using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>The table <c>marks</c>: state flags of the ledger itself.</summary>
internal static class MarkRows
{
    /// <summary>The ledger replaced a lost one and no run has completed since.</summary>
    public const string Rebuilding = "rebuilding";

    /// <summary>The ledger was lost once together with the places file, so neither lists every place that was copied to.</summary>
    public const string PlacesIncomplete = "places incomplete";

    private const string CountSql = "select count(*) from marks where name = @name";
    private const string SetSql = "insert into marks (name, since_ns) values (@name, @since) on conflict (name) do nothing";
    private const string ClearSql = "delete from marks where name = @name";

    public static bool IsSet(SqlSession session, string name) => session.Scalar(CountSql, null, ("@name", name)) > 0;

    public static void Set(SqlSession session, DbTransaction transaction, string name, long sinceNs) =>
        session.Execute(SetSql, transaction, ("@name", name), ("@since", sinceNs));

    public static void Clear(SqlSession session, DbTransaction transaction, string name) => session.Execute(ClearSql, transaction, ("@name", name));
}
