using System.Globalization;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Ledgers;

/// <summary>Where a ledger is made for one test, and how to look at it from outside.</summary>
public abstract class LedgerPlace : IDisposable
{
    private protected LedgerPlace()
    {
    }

    /// <summary>The configuration that names it.</summary>
    internal abstract SyncConfig Config { get; }

    /// <summary>What messages call it.</summary>
    internal abstract string Name { get; }

    /// <summary>A statement that asks for the version of its schema.</summary>
    internal abstract string VersionSql { get; }

    internal TempFolder Folder { get; } = new();

    internal string Work => Folder["work"];

    internal Ledger Open(TimeProvider? time = null) => Ledger.Open(Config, new Dictionary<string, string>(), time);

    internal Ledger OpenReadOnly() => Ledger.OpenReadOnly(Config, new Dictionary<string, string>());

    /// <summary>A connection to an empty place as a program makes it, for ledgers of older programs.</summary>
    internal abstract SqlSession Session();

    /// <summary>Makes it look as if a newer program had written it.</summary>
    internal abstract void MakeNewer();

    /// <summary>All that is there; two equal lists mean that nothing was touched.</summary>
    internal abstract IReadOnlyList<string> Look();

    internal void Execute(string sql)
    {
        using var session = Session();
        session.Run(sql, null);
    }

    internal long Scalar(string sql)
    {
        using var session = Session();
        return session.Scalar(sql, null);
    }

    public void Dispose()
    {
        Remove();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual void Remove()
    {
    }
}

/// <summary>A file in the work folder.</summary>
public sealed class SqlitePlace : LedgerPlace
{
    public SqlitePlace() => SqliteLibrary.Require();

    internal override SyncConfig Config => new() { WorkDir = Work };

    internal override string Name => Path.Combine(Work, Ledger.FileName);

    internal override string VersionSql => "pragma user_version";

    internal override SqlSession Session()
    {
        Directory.CreateDirectory(Work);
        return new SqlSession(SqliteFile.Open(Name));
    }

    internal override void MakeNewer() => Execute($"pragma user_version = {Migrations.Latest + 1}");

    // Without opening the files: closing a second handle would drop the locks that SQLite holds on the first.
    internal override IReadOnlyList<string> Look() =>
    [
        .. new DirectoryInfo(Folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.FullName} {(entry is FileInfo file ? file.Length : -1)}")),
    ];
}

/// <summary>A schema of the run's PostgreSQL server.</summary>
public sealed class PostgresPlace : LedgerPlace
{
    private readonly PostgresServer _server = PostgresServer.Get();

    internal string Schema { get; } = $"t{Guid.NewGuid():N}";

    /// <summary>What the program calls itself at the server; null: what it does by itself.</summary>
    internal string? Application { get; init; }

    internal string Connection => $"{_server.Local};Search Path={Schema}{(Application is null ? "" : $";Application Name={Application}")}";

    internal override SyncConfig Config => new() { WorkDir = Work, Ledger = new LedgerConnection(null, Connection) };

    internal override string Name => $"postgres.{Schema} at ";

    internal override string VersionSql => "select max(version) from schema_history";

    internal override SqlSession Session()
    {
        var session = new SqlSession(_server.Open(), PostgresDialect.Postgres);
        session.Run($"create schema if not exists {Schema}; set search_path to {Schema}", null);
        return session;
    }

    internal override void MakeNewer() => Execute($"insert into schema_history values ({Migrations.Latest + 1}, 'newer', 0)");

    internal override IReadOnlyList<string> Look()
    {
        var tables = _server.Ask($"select schemaname || '.' || tablename from pg_tables where schemaname like '{Schema}%' order by 1");
        return
        [
            .. _server.Ask($"select nspname from pg_namespace where nspname like '{Schema}%' order by 1"),
            .. tables.SelectMany(table => _server.Ask($"select '{table} ' || row_to_json(t)::text from {table} as t order by 1")),
            .. tables,
            .. Directory.Exists(Work) ? Folder.Files("work").Select(file => file.Path + file.Sha256) : [],
        ];
    }

    private protected override void Remove() => _server.Execute($"drop schema if exists {Schema} cascade");
}
