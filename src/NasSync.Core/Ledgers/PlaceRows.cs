using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>The table <c>places</c>.</summary>
internal static class PlaceRows
{
    private const string FindSql = "select marker, file_system from places where root = @root";

    private const string AllSql = "select root, marker, file_system from places";

    private const string UpsertSql = """
        insert into places (root, marker, file_system, first_ns) values (@root, @marker, @fileSystem, @first)
        on conflict (root) do update set marker = excluded.marker, file_system = excluded.file_system
        """;

    private const string DeleteSql = "delete from places where root = @root";

    public static RecordedPlace? Find(SqlSession session, string root) =>
        session.Query(FindSql, row => new RecordedPlace(row.GetString(0), row.GetString(1)), ("@root", root)).FirstOrDefault();

    public static List<(string Root, RecordedPlace Place)> All(SqlSession session) =>
        session.Query(AllSql, row => (row.GetString(0), new RecordedPlace(row.GetString(1), row.GetString(2))));

    public static void Upsert(SqlSession session, DbTransaction transaction, string root, RecordedPlace place, DateTimeOffset now) => session.Execute(
        UpsertSql, transaction, ("@root", root), ("@marker", place.Marker), ("@fileSystem", place.FileSystem), ("@first", SqlValue.ToNs(now)));

    public static void Delete(SqlSession session, DbTransaction transaction, string root) => session.Execute(DeleteSql, transaction, ("@root", root));
}
