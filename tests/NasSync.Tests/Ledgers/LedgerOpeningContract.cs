using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class SqliteOpeningTests : LedgerOpeningContract<SqlitePlace>;

[Needs("postgres")]
public sealed class PostgresOpeningTests : LedgerOpeningContract<PostgresPlace>;

/// <summary>How a ledger is opened, made, brought up to date, lost and read, wherever it is.</summary>
public abstract class LedgerOpeningContract<TPlace> : IDisposable
    where TPlace : LedgerPlace, new()
{
    private readonly TPlace _place = new();

    private Func<Ledger>[] Both => [() => _place.Open(), _place.OpenReadOnly];

    public void Dispose()
    {
        _place.Dispose();
        GC.SuppressFinalize(this);
    }

    [NeedsFact]
    public void A_ledger_keeps_its_rows_when_it_is_opened_again()
    {
        using (var first = _place.Open()) first.Record([Copy("job_1", "a.m4a", At("Song.m4a"))]);
        using var second = _place.Open();

        Assert.Single(second.OfJob("job_1"));
        Assert.Equal((null, false), (second.Notice, second.IsRebuilding));
    }

    [NeedsFact]
    public void A_newer_ledger_is_refused_and_left_alone()
    {
        _place.Open().Dispose();
        _place.MakeNewer();
        var before = _place.Look();

        foreach (var open in Both)
        {
            var failure = Assert.Throws<FailureException>(() => open()).Failure;
            Assert.Equal((FailureClass.Config, "LedgerTooNew"), (failure.Class, failure.Code));
            Assert.Contains(_place.Name, failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, _place.Look());
    }

    [NeedsFact]
    public void The_schema_says_when_it_was_made()
    {
        var time = new ManualTime();
        _place.Open(time).Dispose();

        Assert.Equal(SqlValue.ToNs(time.GetUtcNow()), _place.Scalar("select applied_ns from schema_history where version = 1"));
        Assert.Equal(Migrations.Latest, _place.Scalar(_place.VersionSql));
    }

    [NeedsFact]
    public void A_closed_ledger_cannot_be_used()
    {
        foreach (var open in Both)
        {
            var ledger = open();
            ledger.Dispose();
            ledger.Dispose();
            Assert.Throws<ObjectDisposedException>(() => ledger.OfJob("job_1"));
        }
    }

    [NeedsFact]
    public void A_ledger_that_only_reads_cannot_be_written()
    {
        using var ledger = _place.OpenReadOnly();

        Assert.Throws<InvalidOperationException>(() => ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]));
        Assert.Throws<InvalidOperationException>(() => ledger.RecordFailures([Fail("x")]));
        Assert.Throws<InvalidOperationException>(() => ledger.ForgetManifestFailure("x"));
    }

    [NeedsFact]
    public void Who_only_reads_a_ledger_that_is_not_there_reads_an_empty_one_and_makes_none()
    {
        var before = _place.Look();
        using (var ledger = _place.OpenReadOnly())
        {
            Assert.Empty(ledger.OfJob("job_1"));
            Assert.Null(ledger.Owner(At("a.m4a")));
            Assert.Empty(ledger.Copies());
            Assert.Empty(ledger.Summary());
            Assert.Empty(ledger.Failures());
            Assert.Null(ledger.Notice);
        }

        Assert.Equal(before, _place.Look());
    }

    [NeedsFact]
    public void Who_only_reads_sees_what_a_writer_does_and_touches_nothing()
    {
        using var reader = _place.OpenReadOnly();
        Assert.Empty(reader.Copies());
        using (var writer = _place.Open())
        {
            writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
            var before = _place.Look();
            Assert.Single(reader.OfJob("job_1"));
            Assert.Equal(before, _place.Look());
            writer.Record([Copy("job_2", "b.m4a", At("b.m4a"))]);
            Assert.Equal(2, reader.Copies().Count());
        }

        var closed = _place.Look();
        Assert.Equal(2, reader.Summary().Single().Copies);
        Assert.Equal(closed, _place.Look());
    }

    [NeedsFact]
    public async Task Reading_beside_a_writer_that_comes_and_goes_never_sees_half_a_list()
    {
        _place.Open().Dispose();
        var writing = Task.Run(() =>
        {
            for (var round = 0; round < 10; round++)
            {
                using var writer = _place.Open();
                writer.Record([.. Enumerable.Range(0, 40).Select(i => Copy("job_1", $"{i}.m4a", At($"{i}.m4a"), size: round))]);
            }
        });

        while (!writing.IsCompleted)
        {
            using var ledger = _place.OpenReadOnly();
            for (var i = 0; i < 20; i++)
            {
                var copies = ledger.OfJob("job_1");
                Assert.True(copies.Count is 0 or 40, $"{copies.Count} rows");
                Assert.True(copies.Select(copy => copy.Source.Size).Distinct().Count() <= 1, "rows of two transactions");
            }
        }

        await writing;
    }

    [NeedsTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_ledger_of_an_older_version_keeps_its_rows(int version)
    {
        MakeOld(version);

        using (var ledger = _place.Open())
        {
            Assert.Null(ledger.Notice);
            Assert.Equal(["item", "manifest"], ledger.Failures().Select(failure => failure.Subject).Order());
            Assert.Equal(7, ledger.Failures()[0].Attempts);
            ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        }

        Assert.Equal(Migrations.Latest, _place.Scalar(_place.VersionSql));
    }

    [NeedsTheory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Who_only_reads_an_older_ledger_changes_nothing(int version)
    {
        MakeOld(version);
        var before = _place.Look();

        using (var ledger = _place.OpenReadOnly())
        {
            Assert.Equal(2, ledger.Failures().Count);
            Assert.Empty(ledger.Copies());
        }

        Assert.Equal(before, _place.Look());
    }

    [NeedsFact]
    public void A_step_that_fails_leaves_the_ledger_as_it_was_also_after_steps_that_went_well()
    {
        MakeOld(1);
        var before = _place.Look();
        using (var session = _place.Session())
        {
            IReadOnlyList<Migration> steps =
                [.. Migrations.All, new Migration(Migrations.Latest + 1, "broken", "create table well (a integer); create table well (a integer);")];
            Assert.ThrowsAny<System.Data.Common.DbException>(() => Migrations.Apply(session, TimeProvider.System, _place.Name, steps: steps));
        }

        Assert.Equal(before, _place.Look());
    }

    [NeedsFact]
    public void A_number_of_a_failure_outlives_the_program()
    {
        using (var first = _place.Open())
        {
            first.RecordFailures([Fail("1")]);
            first.ForgetFailures([1]);
        }

        using var second = _place.Open();
        second.RecordFailures([Fail("2")]);
        Assert.Equal(2, Assert.Single(second.Failures()).Id);
    }

    [NeedsFact]
    public void Places_and_uploads_are_remembered()
    {
        using (var first = _place.Open())
        {
            first.RememberPlace("/mnt/nas", new RecordedPlace("m1", "nfs"), Noon);
            first.RememberUpload("cloud", new UnfinishedUpload("key", "print", "1"));
            first.RememberUpload("cloud", new UnfinishedUpload("key", "print", "2"));
        }

        using var second = _place.Open();
        Assert.Equal(new RecordedPlace("m1", "nfs"), second.Place("/mnt/nas"));
        Assert.Null(second.Place("/mnt/NAS"));
        Assert.Equal("2", Assert.Single(second.Uploads("cloud")).UploadId);
        second.ForgetUpload("cloud", "key", "2");
        Assert.Empty(second.Uploads("cloud"));
        Assert.True(second.ForgetPlace("/mnt/nas"));
        Assert.True(second.ForgetPlace("/mnt/nas"));
        Assert.Null(second.Place("/mnt/nas"));
        Assert.False(second.ForgetPlace("/mnt/other"));
    }

    // As the program of that version left it, a row of each kind included.
    private void MakeOld(int version)
    {
        using (var session = _place.Session())
            Migrations.Apply(session, TimeProvider.System, _place.Name, steps: [.. Migrations.All.Where(step => step.Version <= version)]);
        _place.Execute("""
            insert into failures (id, scope, artifact, target_key, subject, job_id, class, code, message, hint, attempts, first_ns, last_ns) values
                (1, '/out/1/manifest.json', '', '', 'manifest', null, 'Transient', 'ManifestIncomplete', 'm', 'h', 7, 1000, 3000),
                (2, 'job_1', 'a.m4a', '', 'item', 'job_1', 'Permission', 'Denied', 'm', 'h', 1, 1000, 2000);
            """);
    }
}
