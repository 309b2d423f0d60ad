using System.Data.Common;

namespace NasSync.Ledgers;

/// <summary>The table <c>uploads</c>.</summary>
internal static class UploadRows
{
    private const string AllSql = "select object_key, fingerprint, upload_id from uploads where destination = @destination";

    private const string UpsertSql = """
        insert into uploads (destination, object_key, fingerprint, upload_id) values (@destination, @key, @fingerprint, @upload)
        on conflict (destination, object_key, fingerprint) do update set upload_id = excluded.upload_id
        """;

    private const string DeleteSql = "delete from uploads where destination = @destination and object_key = @key and upload_id = @upload";

    public static List<UnfinishedUpload> All(SqlSession session, string destination) =>
        session.Query(AllSql, row => new UnfinishedUpload(row.GetString(0), row.GetString(1), row.GetString(2)), ("@destination", destination));

    public static void Upsert(SqlSession session, DbTransaction transaction, string destination, UnfinishedUpload upload) => session.Execute(
        UpsertSql,
        transaction,
        ("@destination", destination),
        ("@key", upload.Key),
        ("@fingerprint", upload.Fingerprint),
        ("@upload", upload.UploadId));

    public static void Delete(SqlSession session, DbTransaction transaction, string destination, string key, string uploadId) =>
        session.Execute(DeleteSql, transaction, ("@destination", destination), ("@key", key), ("@upload", uploadId));
}
