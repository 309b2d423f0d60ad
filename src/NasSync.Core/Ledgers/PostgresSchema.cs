namespace NasSync.Ledgers;

/// <summary>The schema of the ledger's tables; tables of other schemas are never visible.</summary>
internal static class PostgresSchema
{
    private const string CurrentSql = "select coalesce(current_schema(), '')";
    private const string ExistsSql = "select count(*) from pg_namespace where nspname = @schema";
    private const string UseSql = "select count(set_config('search_path', @path, false))";

    /// <summary>The ledger's schema; empty when neither the setting nor the search path names an existing one.</summary>
    public static string Of(SqlSession session, PostgresSource source) =>
        source.Schema ?? session.Query(CurrentSql, row => row.GetString(0)).Single();

    public static bool Exists(SqlSession session, string schema) => session.Scalar(ExistsSql, null, ("@schema", schema)) > 0;

    public static void Create(SqlSession session, string schema) => session.Run($"create schema {Quote(schema)}", null);

    /// <summary>Makes this schema the session's only search path.</summary>
    public static void Use(SqlSession session, string schema) => session.Scalar(UseSql, null, ("@path", Quote(schema)));

    /// <summary>Makes the session use temporary tables, which only it sees and which end with it.</summary>
    public static void UseTemporary(SqlSession session) => session.Scalar(UseSql, null, ("@path", "pg_temp"));

    /// <summary>Quotes an identifier.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
