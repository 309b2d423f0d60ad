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

    /// <summary>The steps that this program knows.</summary>
    public static IReadOnlyList<Migration> All => Files.Value;

    /// <summary>The version that this program writes.</summary>
    public static int Latest => Files.Value[^1].Version;

    /// <summary>The version of an open database; 0 when it is empty.</summary>
    public static long VersionOf(SqlSession session) => session.Dialect.VersionOf(session, null);

    /// <summary>Brings a database up to <see cref="Latest"/>, all steps or none; one that is there already is only read.</summary>
    /// <param name="session">The open database.</param>
    /// <param name="time">Dates the history.</param>
    /// <param name="path">What the ledger is called in messages.</param>
    /// <param name="rebuilding">An empty database takes the place of a ledger that was lost.</param>
    /// <param name="steps">Other steps than the program's; tests break one.</param>
    /// <exception cref="FailureException">It is newer (LedgerTooNew).</exception>
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

        // Asked under the write lock: another process may have been faster.
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
/// <param name="Version">The version it leads to.</param>
/// <param name="Name">Its file's name.</param>
/// <param name="Sql">What it does.</param>
internal sealed partial record Migration(int Version, string Name, string Sql)
{
    /// <summary>The tables that it makes.</summary>
    public IEnumerable<string> Tables => Table().Matches(Sql).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^create table (\w+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Table();
}
