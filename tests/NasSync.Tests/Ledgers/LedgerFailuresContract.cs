using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class SqliteFailuresTests : LedgerFailuresContract<SqlitePlace>;

[Needs("postgres")]
public sealed class PostgresFailuresTests : LedgerFailuresContract<PostgresPlace>;

/// <summary>What a ledger keeps of failures, wherever it is.</summary>
public abstract class LedgerFailuresContract<TPlace> : IDisposable
    where TPlace : LedgerPlace, new()
{
    private readonly TPlace _place = new();
    private readonly Ledger _ledger;

    protected LedgerFailuresContract() => _ledger = _place.Open();

    public void Dispose()
    {
        _ledger.Dispose();
        _place.Dispose();
        GC.SuppressFinalize(this);
    }

    [NeedsFact]
    public void A_failure_comes_back_as_it_was_recorded()
    {
        var failure = Fail("job_1 a.m4a", "job_1", "a.m4a", At("Song.m4a"));
        _ledger.RecordFailures([failure]);

        var recorded = Assert.Single(_ledger.Failures());
        Assert.True(recorded.Id > 0);
        Assert.Equal(failure, recorded with { Id = 0 });
    }

    [NeedsFact]
    public void What_is_unknown_of_a_failure_stays_unknown()
    {
        var failure = Fail("/out/job_1/manifest.json") with { Failure = new Failure(FailureClass.Invalid, "BadJson", "line 3", "Mend it.") };
        _ledger.RecordFailures([failure]);

        Assert.Equal(failure, Assert.Single(_ledger.Failures()) with { Id = 0 });
    }

    [NeedsFact]
    public void Failing_again_counts_up_and_keeps_the_number_and_the_first_time()
    {
        var first = Fail("one", "job_1", "a.m4a", At("Song.m4a"));
        _ledger.RecordFailures([first]);
        var id = _ledger.Failures()[0].Id;
        var again = first with
        {
            Subject = "two",
            Failure = new Failure(FailureClass.NoSpace, "NoSpace", "m", "h"),
            FirstAt = Noon.AddHours(1),
            LastAt = Noon.AddHours(1),
        };
        _ledger.RecordFailures([again]);
        _ledger.RecordFailures([again with { LastAt = Noon.AddHours(2) }]);

        Assert.Equal(again with { Id = id, Attempts = 3, FirstAt = Noon, LastAt = Noon.AddHours(2) }, Assert.Single(_ledger.Failures()));
    }

    [NeedsFact]
    public void The_next_time_is_set_by_the_attempts_of_all_runs()
    {
        var seen = new List<int>();
        var first = Fail("one", "job_1", "a.m4a", At("Song.m4a"));
        for (var run = 0; run < 3; run++) _ledger.RecordFailures([first], Next);
        _ledger.RecordFailures([Fail("other", "job_2", "a.m4a", At("Song.m4a"))], Next);

        Assert.Equal([1, 2, 3, 1], seen);
        Assert.Equal([Noon.AddMinutes(1), Noon.AddMinutes(3)], _ledger.Failures().Select(failure => failure.NextAt!.Value).Order());

        DateTimeOffset? Next(RecordedFailure failure)
        {
            seen.Add(failure.Attempts);
            return failure.LastAt.AddMinutes(failure.Attempts);
        }
    }

    [NeedsFact]
    public void A_failure_without_a_next_time_is_parked()
    {
        _ledger.RecordFailures([Fail("one", "job_1", "a.m4a"), Fail("two", "job_1", "b.m4a")], failure => failure.Subject == "one" ? null : Noon);

        Assert.Equal(["one"], _ledger.Failures().Where(failure => failure.IsParked).Select(failure => failure.Subject));
    }

    [NeedsFact]
    public void Each_item_fails_for_itself_the_latest_is_listed_first()
    {
        _ledger.RecordFailures([
            Fail("1", "job_1", "a.m4a", At("Song.m4a")),
            Fail("2", "job_1", "a.m4a", At("Song.m4a", "/mnt/vault"), Noon.AddHours(3)),
            Fail("3", "job_1", "a.m4a", at: Noon.AddHours(2)),
            Fail("4", "job_1", "b.m4a", At("Song.m4a"), Noon.AddHours(1)),
            Fail("5", "job_2", "a.m4a", At("Song.m4a"), Noon.AddHours(4))]);

        Assert.Equal(["5", "2", "3", "4", "1"], _ledger.Failures().Select(failure => failure.Subject));
        Assert.All(_ledger.Failures(), failure => Assert.Equal(1, failure.Attempts));
    }

    [NeedsFact]
    public void A_copy_clears_the_failures_of_its_item_only()
    {
        var (requested, beside) = (At("Song.m4a"), At("Song (job_1).m4a"));
        _ledger.RecordFailures([
            Fail("requested", "job_1", "a.m4a", requested),
            Fail("beside", "job_1", "a.m4a", beside),
            Fail("undecided", "job_1", "a.m4a"),
            Fail("other target", "job_1", "a.m4a", At("Song.m4a", "/mnt/vault")),
            Fail("other artifact", "job_1", "b.m4a", requested),
            Fail("other job", "job_2", "a.m4a", requested),
            Fail("job_1")]);

        _ledger.Record([Copy("job_1", "a.m4a", requested, beside)]);

        Assert.Equal(
            ["job_1", "other artifact", "other job", "other target"],
            _ledger.Failures().Select(failure => failure.Subject).Order(StringComparer.Ordinal));
    }

    [NeedsFact]
    public void A_manifest_that_fails_is_known_by_its_path_whether_or_not_its_job_is()
    {
        _ledger.RecordFailures([Fail("/out/1/manifest.json")]);
        _ledger.RecordFailures([Fail("/out/1/manifest.json", "job_1")]);

        var recorded = Assert.Single(_ledger.Failures());
        Assert.Equal((2, "job_1"), (recorded.Attempts, recorded.JobId));
    }

    [NeedsFact]
    public void A_manifest_that_can_be_read_again_is_forgotten_its_items_are_not()
    {
        _ledger.RecordFailures([
            Fail("/out/1/manifest.json"), Fail("/out/2/manifest.json"), Fail("/out/1/manifest.json", "job_1", "a.m4a", At("Song.m4a"))]);

        _ledger.ForgetManifestFailure("/out/1/manifest.json");
        _ledger.ForgetManifestFailure("/out/never/manifest.json");

        Assert.Equal([("/out/1/manifest.json", "a.m4a"), ("/out/2/manifest.json", null)],
            _ledger.Failures().Select(failure => (failure.Subject, failure.Artifact)).Order());
    }

    [NeedsFact]
    public void A_number_is_never_given_twice()
    {
        _ledger.RecordFailures([Fail("1"), Fail("2")]);
        var ids = _ledger.Failures().Select(failure => failure.Id).ToList();
        _ledger.ForgetFailures(ids);
        Assert.Empty(_ledger.Failures());

        _ledger.RecordFailures([Fail("3")]);

        Assert.DoesNotContain(Assert.Single(_ledger.Failures()).Id, ids);
    }
}
