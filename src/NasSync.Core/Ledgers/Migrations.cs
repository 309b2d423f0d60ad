using System.Data.Common;
using System.Globalization;

namespace NasSync.Ledgers;

/// <summary>The numbered SQL files of <c>Schema/</c>, run in order, each in one transaction with the version it leads to.</summary>
internal static class Migrations
{
    private const string VersionSql = "pragma user_version";
    private const string HistorySql = "insert into schema_history (version, name, applied_ns) values (@version, @name, @applied)";

    private static readonly Lazy<IReadOnlyList<(int Version, string Name, string Sql)>> Files = new(Load);

    /// <summary>The version that this program writes.</summary>
    public static int Latest => Files.Value[^1].Version;

    /// <summary>The version of an open database; 0 when it is empty.</summary>
    public static long VersionOf(SqlSession session) => session.Scalar(VersionSql, null);

    /// <summary>Brings a database up to <see cref="Latest"/>; one that is there already is only read.</summary>
    /// <exception cref="FailureException">It is newer (LedgerTooNew).</exception>
    public static void Apply(SqlSession session, TimeProvider time, string path)
    {
        var found = VersionOf(session);
        if (found == Latest) return;
        if (found > Latest) throw LedgerFailure.TooNew(path, found, Latest);
        foreach (var (version, name, sql) in Files.Value)
        {
            using var transaction = SqliteFile.BeginWrite(session);

            // Asked again under the write lock: another process may have been faster.
            var current = session.Scalar(VersionSql, transaction);
            if (current > Latest) throw LedgerFailure.TooNew(path, current, Latest);
            if (current >= version) continue;
            Run(session.Connection, transaction, sql);
            Run(session.Connection, transaction, string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {version}"));
            session.Execute(HistorySql, transaction, ("@version", version), ("@name", name), ("@applied", SqlValue.ToNs(time.GetUtcNow())));
            transaction.Commit();
        }
    }

    private static void Run(DbConnection connection, DbTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a file of this assembly or a number.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static IReadOnlyList<(int Version, string Name, string Sql)> Load()
    {
        const string folder = ".Ledgers.Schema.";
        var assembly = typeof(Migrations).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(resource => resource.Contains(folder, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource => (Resource: resource, Name: resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^4]))
            .Select(file => (int.Parse(file.Name[..4], CultureInfo.InvariantCulture), file.Name, Text(file.Resource)))
            .OrderBy(file => file.Item1)];

        string Text(string resource)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return reader.ReadToEnd();
        }
    }
}
