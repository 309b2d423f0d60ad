using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

/// <summary>What only a ledger in a file has.</summary>
public sealed class LedgerOpeningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Work => _folder["work"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_closed_ledger_is_one_file_with_the_mark_that_it_was_made_and_the_places_beside_it()
    {
        using (var ledger = Ledger.Open(Work)) ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);

        Assert.Equal(["ledger.db", "ledger.made", "places.json"], Directory.EnumerateFileSystemEntries(Work).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("100% ünïcode #1?")]
    [InlineData("semi;colon='quote\"")]
    public void A_work_folder_may_have_any_name(string name)
    {
        using (var ledger = Ledger.Open(_folder[name])) ledger.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);
        using var readOnly = Ledger.OpenReadOnly(_folder[name]);

        Assert.Single(readOnly.OfJob("job_1"));
        Assert.Equal([name], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Every_commit_is_synced_to_the_disk_and_the_log_is_used()
    {
        using var store = WritableStore.Open(_folder["work/ledger.db"], TimeProvider.System);

        Assert.Equal(2, store.Read(session => session.Scalar("pragma synchronous", null)));
        Assert.Equal(1, store.Read(session => session.Scalar("pragma foreign_keys", null)));
        Assert.True(store.Read(session => session.Scalar("pragma busy_timeout", null)) >= 1000);
        Assert.True(File.Exists(_folder["work/ledger.db-wal"]));
    }

    [Fact]
    public void Two_ledgers_of_one_folder_see_each_others_rows()
    {
        using var one = Ledger.Open(Work);
        using var two = Ledger.Open(Work);
        one.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        two.Record([Copy("job_2", "b.m4a", At("b.m4a"))]);

        Assert.Single(two.OfJob("job_1"));
        Assert.Single(one.OfJob("job_2"));
    }

    [Fact]
    public void Many_may_create_the_ledger_at_once()
    {
        Parallel.For(0, 8, i =>
        {
            using var ledger = Ledger.Open(Work);
            ledger.Record([Copy($"job_{i}", "a.m4a", At($"{i}.m4a"))]);
        });

        using var all = Ledger.Open(Work);
        Assert.Equal(8, all.Copies().Count());
    }

    [Theory]
    [InlineData("this is no database, it is a text that someone put here by mistake\n")]
    [InlineData("SQLite format 3\0 and then nothing that would make sense")]
    public void Who_only_reads_is_told_of_a_damaged_ledger_and_leaves_it_alone(string content)
    {
        _folder.Write("work/ledger.db", content.PadRight(8192));
        var before = _folder.Files();

        var failure = Assert.Throws<FailureException>(() => Ledger.OpenReadOnly(Work)).Failure;
        Assert.Equal((FailureClass.Config, "LedgerCorrupt"), (failure.Class, failure.Code));
        Assert.Contains(_folder["work/ledger.db"], failure.Message, StringComparison.Ordinal);

        Assert.Equal(before, _folder.Files());
    }

    [Fact]
    public void Damage_that_shows_up_later_is_the_same_failure()
    {
        using (var ledger = Ledger.Open(Work))
            ledger.Record([.. Enumerable.Range(0, 2000).Select(i => Copy("job_1", $"{i}.m4a", At($"{i}.m4a")))]);
        using (var file = File.OpenWrite(_folder["work/ledger.db"]))
        {
            // Behind the pages that describe the tables: damage there shows when it is opened.
            file.Position = 192 * 1024;
            file.Write(new byte[512 * 1024]);
        }

        foreach (var open in Both)
        {
            using var ledger = open(Work);
            Assert.Equal("LedgerCorrupt", Assert.Throws<FailureException>(() => ledger.Copies().Count()).Failure.Code);
        }
    }

    [Fact]
    public void A_folder_in_the_ledgers_place_is_named()
    {
        _folder.MakeFolder("work/ledger.db");

        Assert.All(Both, open =>
            Assert.Contains(_folder["work/ledger.db"], Assert.Throws<FailureException>(() => open(Work)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_in_the_work_folders_place_is_named()
    {
        _folder.Write("work", "");

        var failure = Assert.Throws<FailureException>(() => Ledger.Open(Work)).Failure;
        Assert.Equal(FailureClass.Conflict, failure.Class);
        Assert.Contains($"'{Work}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_becomes_a_ledger()
    {
        _folder.Write("work/ledger.db", "");
        using var ledger = Ledger.Open(Work);

        Assert.Empty(ledger.Copies());
    }

    [Fact]
    public void The_questions_of_the_planner_use_an_index()
    {
        SqliteLibrary.Require();
        using var store = WritableStore.Open(_folder["work/ledger.db"], TimeProvider.System);

        Assert.Contains("USING INDEX", Plan("select * from copies where job_id = 'x'"), StringComparison.Ordinal);
        Assert.Contains(
            "USING INDEX copies_standing", Plan("select * from copies where target_key = 'x' and superseded_by is null"), StringComparison.Ordinal);
        Assert.Contains(
            "USING INDEX", Plan("delete from failures where scope = 'x' and artifact = 'y' and target_key in ('a', 'b')"), StringComparison.Ordinal);

        string Plan(string sql) => string.Join('\n', store.Read(session => session.Query("explain query plan " + sql, row => row.GetString(3))));
    }

    [Fact]
    public void The_ledger_works_with_the_SQLite_that_ships_with_NasSync()
    {
        SqliteLibrary.Require();
        var ours = SqliteLibrary.Below(AppContext.BaseDirectory).First(File.Exists);
        var library = SqliteLibrary.Load([ours], [], typeof(Ledger).Assembly);

        var version = Marshal.GetDelegateForFunctionPointer<VersionOf>(NativeLibrary.GetExport(library, "sqlite3_libversion_number"))();
        Assert.Equal(version, SQLitePCL.raw.sqlite3_libversion_number());
        Assert.True(version >= 3_053_000, $"{ours} is SQLite {version}");
        if (OperatingSystem.IsLinux()) Assert.Contains(ours, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_without_SQLite_is_told_the_package()
    {
        Assert.Equal(0, SqliteLibrary.Load([_folder["libe_sqlite3.so"]], ["libnassync-is-not-there.so.0"], typeof(Ledger).Assembly));

        var failure = SqliteLibrary.Missing();
        Assert.Equal((FailureClass.Config, "SqliteMissing"), (failure.Class, failure.Code));
        Assert.Contains("libsqlite3-0", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("sqlite-libs", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("glibc 2.34", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NasSync.Core")]
    [InlineData("NasSync.Core", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "SQLitePCLRaw.provider.e_sqlite3")]
    public void A_second_load_context_has_a_ledger_of_its_own(params string[] apart)
    {
        using var here = Ledger.Open(Work);
        here.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        var context = new ApartContext(apart);

        var type = context.LoadFromAssemblyName(typeof(Ledger).Assembly.GetName()).GetType(typeof(Ledger).FullName!)!;
        Assert.NotSame(typeof(Ledger), type);
        using var there = (IDisposable)type.GetMethod(nameof(Ledger.OpenReadOnly), [typeof(string)])!.Invoke(null, [Work])!;
        var copies = (IReadOnlyList<RecordedCopy>)type.GetMethod(nameof(Ledger.OfJob))!.Invoke(there, ["job_1"])!;

        Assert.Equal(here.OfJob("job_1"), copies);
    }

    private delegate int VersionOf();

    private static Func<string, Ledger>[] Both => [work => Ledger.Open(work), Ledger.OpenReadOnly];

    /// <summary>Loads the named assemblies anew and shares the rest, as the module does.</summary>
    private sealed class ApartContext(string[] apart) : AssemblyLoadContext("apart")
    {
        protected override Assembly? Load(AssemblyName name) =>
            apart.Contains(name.Name) ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll")) : null;
    }
}
