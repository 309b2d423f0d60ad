using NasSync.Config;
using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

/// <summary>What a work folder remembers of a shared ledger: one that does not know what was done here counts as lost, for this folder.</summary>
[Needs("postgres")]
public sealed class SharedLedgerTests : IDisposable
{
    private readonly PostgresPlace _place = new();

    private SyncConfig Elsewhere => _place.Config with { WorkDir = _place.Folder["elsewhere"] };

    public void Dispose() => _place.Dispose();

    [NeedsFact]
    public void A_new_work_folder_joins_a_ledger_with_a_history()
    {
        Fill();
        using var ledger = Ledger.Open(Elsewhere);

        Assert.Equal((null, false), (ledger.Notice, ledger.IsRebuilding));
        Assert.Single(ledger.Copies());
        Assert.True(ledger.IsShared);
    }

    [NeedsFact]
    public void A_place_that_one_host_accepted_is_accepted_for_those_that_remember_it_too()
    {
        var known = new RecordedPlace("m1", RecordedPlace.AnyFileSystem);
        using (var here = _place.Open()) here.RememberPlace("/mnt/nas", known, Noon);
        using (var there = Ledger.Open(Elsewhere)) Assert.Equal(known, there.Place("/mnt/nas"));
        using (var here = _place.Open()) Assert.True(here.ForgetPlace("/mnt/nas"));
        using (var there = Ledger.Open(Elsewhere))
        {
            Assert.Null(there.Place("/mnt/nas"));
            Assert.True(there.MayMark("/mnt/nas"));
            there.RememberPlace("/mnt/nas", known with { Marker = "m2" }, Noon);
        }

        using (var here = _place.Open()) Assert.Equal("m2", here.Place("/mnt/nas")!.Marker);
    }

    [NeedsFact]
    public void What_a_folder_remembers_of_its_places_outlives_an_emptied_ledger()
    {
        using (var ledger = _place.Open()) ledger.RememberPlace("/mnt/nas", new RecordedPlace("m1", RecordedPlace.AnyFileSystem), Noon);
        Drop();
        using (var looking = _place.OpenReadOnly()) Assert.Equal(("m1", false), (looking.Place("/mnt/nas")!.Marker, looking.MayMark("/mnt/other")));
        using (var ledger = _place.Open()) Assert.Equal(("m1", false), (ledger.Place("/mnt/nas")!.Marker, ledger.MayMark("/mnt/other")));
    }

    [NeedsFact]
    public void A_ledger_that_was_emptied_is_lost_for_each_folder_until_a_run_of_its_own_went_to_its_end()
    {
        Fill();
        Ledger.Open(Elsewhere).Dispose();
        Drop();

        using (var looking = _place.OpenReadOnly()) Assert.Equal("LedgerLost", looking.Notice!.Code);
        AssertRebuilding(_place.Config, "LedgerLost", finish: false);

        // It is not empty any more, and still another one.
        AssertRebuilding(_place.Config, "LedgerReplaced", finish: false);
        AssertRebuilding(_place.Config, "LedgerReplaced", finish: true);
        AssertKnown(_place.Config);
        using (var looking = Ledger.OpenReadOnly(Elsewhere)) Assert.Equal("LedgerReplaced", looking.Notice!.Code);
        AssertRebuilding(Elsewhere, "LedgerReplaced", finish: true);
        AssertKnown(Elsewhere);
    }

    [NeedsFact]
    public void Another_ledger_with_a_history_of_its_own_is_not_trusted_with_this_folders()
    {
        Fill();
        using var other = new PostgresPlace();
        using (var ledger = other.Open()) ledger.Record([Copy("job_2", "a.m4a", At("a.m4a"))]);

        var moved = _place.Config with { Ledger = other.Config.Ledger };
        AssertRebuilding(moved, "LedgerReplaced", finish: true);
        AssertKnown(moved);
    }

    [NeedsFact]
    public void A_ledger_that_was_set_back_to_an_older_state_is_noticed()
    {
        Fill();
        Fill();
        _place.Execute("update counters set value = value - 1 where name = 'run'");

        using (var looking = _place.OpenReadOnly()) Assert.Equal("LedgerSetBack", looking.Notice!.Code);
        AssertRebuilding(_place.Config, "LedgerSetBack", finish: true);
        AssertKnown(_place.Config);
    }

    [NeedsFact]
    public void Moving_from_the_file_to_the_database_and_back_rebuilds_each_time()
    {
        var file = new SyncConfig { WorkDir = _place.Work };
        using (var ledger = Ledger.Open(file)) ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);

        AssertRebuilding(_place.Config, "LedgerReplaced", finish: true);
        AssertKnown(_place.Config);
        AssertRebuilding(file, "LedgerReplaced", finish: true);
        AssertKnown(file);
        AssertRebuilding(_place.Config, "LedgerReplaced", finish: true);
        File.Delete(Path.Combine(_place.Work, Ledger.FileName));
        AssertRebuilding(file, "LedgerLost", finish: true);
    }

    [NeedsTheory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    [InlineData("12 \n")]
    public void A_mark_that_cannot_be_read_is_that_of_no_ledger(string mark)
    {
        Fill();
        File.WriteAllText(Path.Combine(_place.Work, SharedMark.FileName), mark);

        AssertRebuilding(_place.Config, "LedgerReplaced", finish: true);
        AssertKnown(_place.Config);
    }

    private static void AssertRebuilding(SyncConfig config, string code, bool finish)
    {
        using var ledger = Ledger.Open(config);
        Assert.Equal((code, true), (ledger.Notice?.Code, ledger.IsRebuilding));
        if (!finish) return;
        ledger.FinishRebuilding();
        Assert.False(ledger.IsRebuilding);
    }

    private static void AssertKnown(SyncConfig config)
    {
        using var ledger = Ledger.Open(config);
        Assert.Equal((null, false), (ledger.Notice, ledger.IsRebuilding));
    }

    private void Fill()
    {
        using var ledger = _place.Open();
        ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
    }

    private void Drop() => PostgresServer.Get().Execute($"drop schema {_place.Schema} cascade");
}
