using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class MigrationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public MigrationTests()
    {
        SqliteLibrary.Require();
        _folder.MakeFolder("work");
    }

    private string Work => _folder["work"];

    private string LedgerFile => _folder["work/ledger.db"];

    private string Backup => $"{LedgerFile}.before-{Migrations.Latest}";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_ledger_of_an_older_version_keeps_its_rows_and_a_backup(int version)
    {
        MakeOld(version);

        using (var ledger = Ledger.Open(Work))
        {
            Assert.Null(ledger.Notice);
            Assert.Equal(["item", "manifest"], ledger.Failures().Select(failure => failure.Subject).Order());
            Assert.Equal(7, ledger.Failures()[0].Attempts);
            ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        }

        Assert.Equal(Migrations.Latest, Version(LedgerFile));
        Assert.Equal(version, Version(Backup));
        Assert.Equal(2, Scalar(Backup, "select count(*) from failures"));
        Assert.Equal(0, Scalar(Backup, "select count(*) from copies"));
    }

    [Fact]
    public void What_failed_before_may_be_tried_again_or_waits_for_someone_as_its_class_says()
    {
        MakeOld(2);
        using var ledger = Ledger.Open(Work);

        Assert.Equal(
            [(false, "/out/1/manifest.json"), (true, null)],
            ledger.Failures().OrderBy(failure => failure.IsParked).Select(failure => (failure.IsParked, failure.ManifestPath)));
    }

    [Fact]
    public void A_backup_is_made_once_and_not_for_a_new_ledger()
    {
        Ledger.Open(Work).Dispose();
        Assert.Empty(Directory.EnumerateFiles(Work, "*.before-*"));

        File.Delete(_folder["work/ledger.made"]);
        File.Delete(LedgerFile);
        MakeOld(1);
        Ledger.Open(Work).Dispose();
        var first = File.ReadAllBytes(Backup);
        using (var ledger = Ledger.Open(Work)) ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        Ledger.Open(Work).Dispose();

        Assert.Equal([Path.GetFileName(Backup)], Directory.EnumerateFiles(Work, "*.before-*").Select(Path.GetFileName));
        Assert.Equal(first, File.ReadAllBytes(Backup));
    }

    [Fact]
    public void A_copy_that_an_older_version_recorded_was_neither_adopted_nor_released()
    {
        MakeOld(5);
        Execute(LedgerFile, """
            insert into copies values ('job_1', 'a.m4a', '/r/a.m4a', 'local', '/r', 'a.m4a', '/r/a.m4a', 'local', '/r', 'a.m4a',
                10, 20, 30, 40, 'g', 10, null, 'ReadBack', 'Fsynced', 50, null, null, null, null, 1, null)
            """);
        using var ledger = Ledger.Open(Work);

        var copy = Assert.Single(ledger.OfJob("job_1"));
        Assert.Equal((false, null, 10), (copy.IsAdopted, copy.ReleasedAt, copy.Receipt.Size));
    }

    // As the program of that version left it, a row of each kind included.
    private void MakeOld(int version)
    {
        using (var session = new SqlSession(SqliteFile.Open(LedgerFile)))
            Migrations.Apply(session, TimeProvider.System, LedgerFile, steps: [.. Migrations.All.Where(step => step.Version <= version)]);
        Execute(LedgerFile, """
            insert into failures (id, scope, artifact, target_key, subject, job_id, class, code, message, hint, attempts, first_ns, last_ns) values
                (1, '/out/1/manifest.json', '', '', 'manifest', null, 'Transient', 'ManifestIncomplete', 'm', 'h', 7, 1000, 3000),
                (2, 'job_1', 'a.m4a', '', 'item', 'job_1', 'Permission', 'Denied', 'm', 'h', 1, 1000, 2000);
            """);
    }

    private static long Version(string file) => Scalar(file, "pragma user_version");

    private static long Scalar(string file, string sql)
    {
        using var session = new SqlSession(SqliteFile.OpenImmutable(file));
        return session.Scalar(sql, null);
    }

    private static void Execute(string file, string sql)
    {
        using var connection = SqliteFile.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
