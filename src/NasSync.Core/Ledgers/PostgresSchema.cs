namespace NasSync.Ledgers;

/// <summary>The schema in which the ledger's tables are: no table of another one is ever seen.</summary>
internal static class PostgresSchema
{
    private const string CurrentSql = "select coalesce(current_schema(), '')";
    private const string ExistsSql = "select count(*) from pg_namespace where nspname = @schema";
    private const string UseSql = "select count(set_config('search_path', @path, false))";

    /// <summary>The schema of a ledger; empty when nothing names one that is there.</summary>
    public static string Of(SqlSession session, PostgresSource source) =>
        source.Schema ?? session.Query(CurrentSql, row => row.GetString(0)).Single();

    /// <summary>Whether it is there.</summary>
    public static bool Exists(SqlSession session, string schema) => session.Scalar(ExistsSql, null, ("@schema", schema)) > 0;

    /// <summary>Makes it.</summary>
    public static void Create(SqlSession session, string schema) => session.Run($"create schema {Quote(schema)}", null);

    /// <summary>Lets all statements of the session be about its tables.</summary>
    public static void Use(SqlSession session, string schema) => session.Scalar(UseSql, null, ("@path", Quote(schema)));

    /// <summary>Lets all statements of the session be about tables that only the session sees and that end with it.</summary>
    public static void UseTemporary(SqlSession session) => session.Scalar(UseSql, null, ("@path", "pg_temp"));

    /// <summary>A name as it stands in a statement.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
