using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

/// <summary>What only a ledger in PostgreSQL has: one writer among many machines, texts by their bytes, backups as tables.</summary>
[Needs("postgres")]
public sealed class PostgresLedgerTests : IDisposable
{
    private readonly PostgresPlace _place = new();

    public void Dispose() => _place.Dispose();

    [NeedsFact]
    public void A_second_writer_with_another_work_folder_is_refused_and_told_who_writes()
    {
        using var first = _place.Open();

        var failure = Assert.Throws<FailureException>(() => OpenElsewhere()).Failure;

        Assert.Equal((FailureClass.Conflict, "Locked"), (failure.Class, failure.Code));
        Assert.Contains($"(nassync pid {Environment.ProcessId} on {Environment.MachineName}, since ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(_place.Schema, failure.Message, StringComparison.Ordinal);
        using var reader = _place.OpenReadOnly();
        Assert.Empty(reader.Copies());
    }

    [NeedsFact]
    public void A_ledger_that_was_closed_can_be_written_by_the_next_one()
    {
        using (var first = _place.Open()) first.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        using var second = OpenElsewhere();

        Assert.Single(second.Copies());
        Assert.Equal((null, false), (second.Notice, second.IsRebuilding));
    }

    [NeedsFact]
    public void Two_schemas_of_one_database_are_two_ledgers()
    {
        using var other = new PostgresPlace();
        using var one = _place.Open();
        using var two = other.Open();
        one.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);

        Assert.Empty(two.Copies());
    }

    [NeedsFact]
    public void Texts_compare_by_their_bytes_whatever_the_database_does()
    {
        Assert.Equal("true", Ask("select case when 'a' < 'B' then 'true' else 'false' end"));
        using (var ledger = _place.Open())
        {
            string[] jobs = ["a", "B", "\u00e9", "e\u0301", "Z", "ab", "a b"];
            ledger.Record([.. jobs.Select(job => Copy(job, "a.m4a", At(job)))]);
            Assert.Equal(jobs.OrderDescending(StringComparer.Ordinal), ledger.Copies().Select(copy => copy.JobId));
        }

        Assert.Equal("", Ask($"""
            select coalesce(string_agg(attrelid::regclass || '.' || attname, ', '), '') from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace = '{_place.Schema}'::regnamespace and relkind = 'r' and atttypid = 'text'::regtype and attcollation <> '"C"'::regcollation
            """));
    }

    [NeedsFact]
    public void The_questions_of_the_planner_use_an_index()
    {
        _place.Open().Dispose();
        using var session = _place.Session();
        session.Run("set enable_seqscan = off", null);

        Assert.Contains("Index Scan", Plan("select * from copies where job_id = 'x'"), StringComparison.Ordinal);
        Assert.Contains("Index Scan", Plan("select * from copies where target_key = 'x' and superseded_by is null"), StringComparison.Ordinal);
        Assert.Contains(
            "Index", Plan("delete from failures where scope = 'x' and artifact = 'y' and target_key in ('a', 'b')"), StringComparison.Ordinal);

        string Plan(string sql) => string.Join('\n', session.Query("explain " + sql, row => row.GetString(0)));
    }

    [NeedsFact]
    public void One_place_holds_one_copy_also_by_the_rules_of_the_database()
    {
        using (var ledger = _place.Open()) ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);

        var again = "insert into copies select 'job_2', artifact, requested_key, requested_destination, requested_root, requested_path, target_key, "
        + "destination, root, path, "
            + "source_size, source_mtime_ns, source_inode, source_device, generation, size, sha256, verified_by, durability, committed_ns, "
            + "target_size, target_mtime_ns, "
            + "target_inode, target_device, mtime_kept, superseded_by from copies";
        Assert.Equal("23505", Assert.Throws<Npgsql.PostgresException>(() => _place.Execute(again)).SqlState);
    }

    [NeedsFact]
    public void An_older_ledger_is_kept_as_tables_beside_it_each_time()
    {
        MakeOld();
        _place.Open().Dispose();
        Assert.Equal(1, _place.Scalar($"select count(*) from failures_before_{Migrations.Latest}"));
        Assert.Equal(0, _place.Scalar($"select count(*) from copies_before_{Migrations.Latest}"));
        Assert.Equal(1, _place.Scalar($"select max(version) from schema_history_before_{Migrations.Latest}"));

        // Someone went back to it, and then on again.
        using (var session = _place.Session())
            session.Run(string.Concat(Migrations.All.SelectMany(step => step.Tables).Select(table => $"drop table {table};")), null);
        MakeOld();
        _place.Open().Dispose();
        Assert.Equal(1, _place.Scalar($"select count(*) from failures_before_{Migrations.Latest}_2"));
    }

    [NeedsFact]
    public void Programs_that_bring_it_up_to_date_at_once_do_it_once()
    {
        MakeOld();
        Parallel.For(0, 4, _ =>
        {
            using var session = _place.Session();
            Migrations.Apply(session, TimeProvider.System, "it");
        });

        Assert.Equal(Migrations.Latest, _place.Scalar("select count(*) from schema_history"));
    }

    [NeedsFact]
    public void Tables_of_others_in_the_schema_are_left_alone_and_the_cure_is_told()
    {
        _place.Execute("create table copies (of_something_else integer)");
        var before = _place.Look();

        var failure = Assert.Throws<FailureException>(() => _place.Open()).Failure;

        Assert.Equal("LedgerSchemaTaken", failure.Code);
        Assert.Contains("Search Path", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(before, _place.Look());
    }

    [NeedsFact]
    public void Every_commit_is_on_the_disk_even_where_the_database_would_not_wait_for_it()
    {
        using var store = PostgresWriter.Open(
            PostgresSource.Of(
                new LedgerConnection(null, _place.Connection + ";Options='-c synchronous_commit=off'"),
                new Dictionary<string, string>()), _place.Work, TimeProvider.System);

        Assert.Equal("on", store.Read(session => session.Query("show synchronous_commit", row => row.GetString(0)).Single()));
    }

    [NeedsTheory]
    [InlineData("My Schema")]
    [InlineData("quote\"d")]
    public void A_schema_may_have_any_name(string name)
    {
        var quoted = PostgresSchema.Quote(name);
        var config = _place.Config with { Ledger = new LedgerConnection(null, $"{PostgresServer.Get().Local};Search Path='{quoted}, public'") };
        try
        {
            using (var ledger = Ledger.Open(config)) ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
            using var reader = Ledger.OpenReadOnly(config);
            Assert.Single(reader.Copies());
            Assert.Equal("1", Ask($"select count(*) from {quoted}.copies"));
        }
        finally
        {
            PostgresServer.Get().Execute($"drop schema if exists {quoted} cascade");
        }
    }

    private static string Ask(string sql) => PostgresServer.Get().Ask(sql).Single();

    private Ledger OpenElsewhere() => Ledger.Open(_place.Config with { WorkDir = _place.Folder["elsewhere"] });

    private void MakeOld()
    {
        using (var session = _place.Session()) Migrations.Apply(session, TimeProvider.System, "it", steps: [Migrations.All[0]]);
        _place.Execute("""
            insert into failures (id, scope, artifact, target_key, subject, class, code, message, hint, attempts, first_ns, last_ns) values
                (1, '/out/1/manifest.json', '', '', 'manifest', 'Transient', 'ManifestIncomplete', 'm', 'h', 7, 1000, 3000)
            """);
    }
}
