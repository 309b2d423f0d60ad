using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NasSync.Ledgers;

/// <summary>
/// How PostgreSQL differs. Texts compare bytewise, whatever the database's collation. Keys may exceed the size limit of a B-tree entry (2.7 KB; a
/// path has up to 4,096 characters), so unique indexes over texts use their hashes. A text cannot contain NUL.
/// </summary>
internal sealed partial class PostgresDialect : SqlDialect
{
    /// <summary>The only instance.</summary>
    public static readonly SqlDialect Postgres = new PostgresDialect();

    private const string HistoryExistsSql = "select count(*) from pg_tables where schemaname = current_schema() and tablename = 'schema_history'";
    private const string VersionSql = "select coalesce(max(version), 0) from schema_history";
    private const string OneAtATimeSql = "select pg_advisory_xact_lock(hashtextextended('nassync migration ' || current_schema(), 0))";
    private const string TableExistsSql = "select count(*) from pg_tables where schemaname = current_schema() and tablename = @name";

    // A Unicode noncharacter, reserved for internal use; the digit after it tells which character it replaces.
    private const char Escape = '\uFDD0';

    /// <inheritdoc/>
    public override long VersionOf(SqlSession session, DbTransaction? transaction) =>
        session.Scalar(HistoryExistsSql, transaction) == 0 ? 0 : session.Scalar(VersionSql, transaction);

    /// <inheritdoc/>
    public override void SetVersion(SqlSession session, DbTransaction transaction, int version)
    {
        // The table schema_history holds the version.
    }

    /// <inheritdoc/>
    public override DbTransaction BeginMigration(SqlSession session)
    {
        var transaction = session.Connection.BeginTransaction();
        try
        {
            session.Execute(OneAtATimeSql, transaction);
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void BackUp(SqlSession session, DbTransaction transaction, IReadOnlyList<Migration> done, int latest)
    {
        foreach (var table in done.SelectMany(step => step.Tables))
        {
            // In the same schema: a schema of its own would need a right that the migration does not need.
            var wanted = string.Create(CultureInfo.InvariantCulture, $"{table}_before_{latest}");
            var backup = wanted;
            for (var number = 2; session.Scalar(TableExistsSql, transaction, ("@name", backup)) > 0; number++)
                backup = string.Create(CultureInfo.InvariantCulture, $"{wanted}_{number}");
            session.Run($"create table {backup} as table {table}", transaction);
        }
    }

    /// <inheritdoc/>
    public override string Schema(string sql)
    {
        sql = UniqueRule().Replace(sql, match => $"""
            create table {match.Groups["table"].Value} ({match.Groups["columns"].Value}
            );
            create unique index on {match.Groups["table"].Value} ({Hashes(match.Groups["keys"].Value)});
            create index on {match.Groups["table"].Value} using hash ({match.Groups["keys"].Value.Split(',')[0]});
            """);
        sql = UniqueIndex().Replace(sql, match => $"""
            create unique index {match.Groups["name"].Value}
                on {match.Groups["table"].Value} ({Hashes(match.Groups["key"].Value)}){match.Groups["rest"].Value};
            create index on {match.Groups["table"].Value} using hash ({match.Groups["key"].Value}){match.Groups["rest"].Value};
            """);
        return TextType().Replace(sql, "text collate \"C\"");
    }

    /// <inheritdoc/>
    public override string Statement(string sql) => ConflictOfTexts().Replace(sql, match => $"on conflict ({Hashes(match.Groups["keys"].Value)})");

    /// <inheritdoc/>
    public override string ToText(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.AsSpan().ContainsAny('\0', Escape)) return text;
        var stored = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\0':
                    stored.Append(Escape).Append('0');
                    break;
                case Escape:
                    stored.Append(Escape).Append('1');
                    break;
                case var high when char.IsHighSurrogate(high) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]):
                    stored.Append(high).Append(text[++i]);
                    break;

                // Like SQLite: a lone surrogate cannot be encoded as UTF-8.
                case var half when char.IsSurrogate(half):
                    stored.Append('\uFFFD');
                    break;
                case var plain:
                    stored.Append(plain);
                    break;
            }
        }

        return stored.ToString();
    }

    /// <inheritdoc/>
    public override string FromText(string stored) => stored.Contains(Escape, StringComparison.Ordinal)
        ? stored.Replace($"{Escape}0", "\0", StringComparison.Ordinal).Replace($"{Escape}1", $"{Escape}", StringComparison.Ordinal)
        : stored;

    // Hashes the bytes of each text. Of the conversions from text to bytes, this one is immutable, as an index requires.
    private static string Hashes(string keys) =>
        string.Join(", ", keys.Split(',', StringSplitOptions.TrimEntries).Select(key => $@"sha256(decode(replace({key}, '\', '\\'), 'escape'))"));

    [GeneratedRegex(
        @"create table (?<table>\w+) \((?<columns>(?:(?!\);).)*?),\s*(?:primary key|unique) \((?<keys>\w+(?:, \w+)+)\)\s*\);",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex UniqueRule();

    [GeneratedRegex(@"create unique index (?<name>\w+) on (?<table>\w+) \((?<key>\w+)\)(?<rest>[^;]*);", RegexOptions.CultureInvariant)]
    private static partial Regex UniqueIndex();

    [GeneratedRegex(@"\btext\b", RegexOptions.CultureInvariant)]
    private static partial Regex TextType();

    [GeneratedRegex(@"on conflict \((?<keys>\w+(?:, \w+)+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex ConflictOfTexts();
}
