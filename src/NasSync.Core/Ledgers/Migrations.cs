using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using NasSync.Processes;

namespace NasSync.Ledgers;

/// <summary>The numbered SQL files of <c>Schema/</c>, run in order in one transaction.</summary>
internal static class Migrations
{
    private const string HistorySql = "insert into schema_history (version, name, applied_ns) values (@version, @name, @applied)";

    private static readonly Lazy<IReadOnlyList<Migration>> Files = new(Load);

    /// <summary>The migrations that this program knows.</summary>
    public static IReadOnlyList<Migration> All => Files.Value;

    /// <summary>The schema version that this program writes.</summary>
    public static int Latest => Files.Value[^1].Version;

    /// <summary>The schema version of an open database; 0 when it is empty.</summary>
    public static long VersionOf(SqlSession session) => session.Dialect.VersionOf(session, null);

    /// <summary>Migrates a database to <see cref="Latest"/>, all steps or none. A database of that version is only read.</summary>
    /// <param name="session">The open database.</param>
    /// <param name="time">Dates the schema history.</param>
    /// <param name="path">The ledger's name in messages.</param>
    /// <param name="rebuilding">Whether an empty database replaces a lost ledger.</param>
    /// <param name="steps">Replaces the program's own steps; tests pass a broken one.</param>
    /// <exception cref="FailureException">The database is newer (LedgerTooNew).</exception>
    public static void Apply(SqlSession session, TimeProvider time, string path, bool rebuilding = false, IReadOnlyList<Migration>? steps = null)
    {
        steps ??= Files.Value;
        var latest = steps[^1].Version;
        var dialect = session.Dialect;
        if (VersionOf(session) == latest) return;
        var transaction = dialect.BeginMigration(session);
        try
        {
            Apply(session, transaction, SqlValue.ToNs(time.GetUtcNow()), path, rebuilding, steps);
            transaction.Commit();
        }
        catch
        {
            dialect.Abandon(session, transaction);
            throw;
        }

        transaction.Dispose();
        CrashPoint.Reach(CrashPoint.LedgerMigrated);
    }

    private static void Apply(SqlSession session, DbTransaction transaction, long now, string path, bool rebuilding, IReadOnlyList<Migration> steps)
    {
        var (latest, dialect) = (steps[^1].Version, session.Dialect);

        // Read the version under the write lock: another process may have migrated meanwhile.
        var found = dialect.VersionOf(session, transaction);
        if (found > latest) throw LedgerFailure.TooNew(path, found, latest);
        if (found > 0) dialect.BackUp(session, transaction, [.. steps.Where(step => step.Version <= found)], latest);
        foreach (var (version, name, sql) in steps.Where(step => step.Version > found))
        {
            session.Run(dialect.Schema(sql), transaction);
            dialect.SetVersion(session, transaction, version);
            CrashPoint.Reach(CrashPoint.LedgerMigrating);
            session.Execute(HistorySql, transaction, ("@version", version), ("@name", name), ("@applied", now));
        }

        if (rebuilding && found == 0) MarkRows.Set(session, transaction, MarkRows.Rebuilding, now);
    }

    private static IReadOnlyList<Migration> Load()
    {
        const string folder = ".Ledgers.Schema.";
        var assembly = typeof(Migrations).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(resource => resource.Contains(folder, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource => (Resource: resource, Name: resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^4]))
            .Select(file => new Migration(int.Parse(file.Name[..4], CultureInfo.InvariantCulture), file.Name, Text(file.Resource)))
            .OrderBy(step => step.Version)];

        string Text(string resource)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return reader.ReadToEnd();
        }
    }
}

/// <summary>One step of the schema.</summary>
/// <param name="Version">The version after the step.</param>
/// <param name="Name">The name of its SQL file.</param>
/// <param name="Sql">Its statements.</param>
internal sealed partial record Migration(int Version, string Name, string Sql)
{
    /// <summary>The tables that the step creates.</summary>
    public IEnumerable<string> Tables => Table().Matches(Sql).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^create table (\w+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Table();
}
