using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class LedgerRepairTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();

    private string Work => _folder["work"];

    private string File => _folder["work/ledger.db"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("this is no database, it is a text that someone put here by mistake\n")]
    [InlineData("SQLite format 3\0 and then nothing that would make sense")]
    public void A_damaged_ledger_is_set_aside_whole_and_a_new_one_opened(string content)
    {
        _folder.Write("work/ledger.db", content.PadRight(8192));
        var damaged = System.IO.File.ReadAllBytes(File);

        using var ledger = Ledger.Open(Work, _time);

        var aside = $"ledger.db.corrupt-{_time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        Assert.Equal(damaged, System.IO.File.ReadAllBytes(Path.Combine(Work, aside)));
        Assert.Equal("LedgerSetAside", ledger.Notice!.Code);
        Assert.Contains($"'{aside}'", ledger.Notice.Message, StringComparison.Ordinal);
        Assert.True(ledger.IsRebuilding);
        ledger.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        Assert.Single(ledger.Copies());
    }

    [Fact]
    public void What_is_left_of_a_damaged_ledgers_log_goes_with_it()
    {
        _folder.Write("work/ledger.db", new string('x', 8192));
        _folder.Write("work/ledger.db-wal", "log");
        _folder.Write("work/ledger.db-shm", "index");

        var aside = _folder[$"work/{new LedgerFiles(File).SetAside(Noon)}"];

        Assert.Equal(3, Directory.EnumerateFiles(Work).Count());
        Assert.Equal(("log", "index"), (System.IO.File.ReadAllText(aside + "-wal"), System.IO.File.ReadAllText(aside + "-shm")));
    }

    [Fact]
    public void Two_that_are_damaged_in_one_second_are_both_kept()
    {
        foreach (var content in (string[])["one", "two"])
        {
            _folder.Write("work/ledger.db", content.PadRight(8192));
            Ledger.Open(Work, _time).Dispose();
        }

        Assert.Equal(
            ["one", "two"],
            Directory.EnumerateFiles(Work, "*.corrupt-*").Order(StringComparer.Ordinal).Select(file => System.IO.File.ReadAllText(file).TrimEnd()));
    }

    [Fact]
    public void Damage_that_is_met_in_use_is_found_when_the_ledger_is_opened_again()
    {
        Fill();
        Damage();
        using (var ledger = Ledger.Open(Work))
        {
            Assert.Null(ledger.Notice);
            Assert.Equal("LedgerCorrupt", Assert.Throws<FailureException>(() => ledger.Copies().Count()).Failure.Code);
        }

        using (var next = Ledger.Open(Work))
        {
            Assert.Equal("LedgerSetAside", next.Notice!.Code);
            Assert.Empty(next.Copies());
        }

        using var later = Ledger.Open(Work);
        Assert.Null(later.Notice);
    }

    [Fact]
    public void A_row_that_was_never_written_so_is_damage_too_and_found_when_the_ledger_is_opened_again()
    {
        Fill();
        using (var session = new SqlSession(SqliteFile.Open(Path.Combine(Work, Ledger.FileName))))
            session.Execute("update copies set path = '../x'", null);
        using (var ledger = Ledger.Open(Work))
            Assert.Equal("LedgerCorrupt", Assert.Throws<FailureException>(() => ledger.Copies().Count()).Failure.Code);

        using var next = Ledger.Open(Work);
        Assert.Equal("LedgerSetAside", next.Notice!.Code);
        Assert.Empty(next.Copies());
    }

    [Fact]
    public void A_ledger_that_was_not_closed_is_examined()
    {
        Fill();
        Damage();
        _folder.Write("work/ledger.db-wal", new string('\0', 64));

        using var ledger = Ledger.Open(Work);

        Assert.Equal("LedgerSetAside", ledger.Notice!.Code);
    }

    [Fact]
    public void A_ledger_that_was_not_closed_and_is_whole_stays()
    {
        Fill();
        _folder.Write("work/ledger.db-wal", new string('\0', 64));
        _folder.Write("work/ledger.db.suspect", "");

        using var ledger = Ledger.Open(Work);

        Assert.Null(ledger.Notice);
        Assert.Equal(2000, ledger.Copies().Count());
        Assert.False(System.IO.File.Exists(_folder["work/ledger.db.suspect"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ledger_that_is_gone_or_empty_is_told_from_one_that_never_was(bool emptied)
    {
        using (var first = Ledger.Open(Work)) Assert.Equal((null, false), (first.Notice, first.IsRebuilding));
        if (emptied) System.IO.File.WriteAllText(File, "");
        else System.IO.File.Delete(File);

        using (var looking = Ledger.OpenReadOnly(Work)) Assert.Equal("LedgerLost", looking.Notice!.Code);
        using var ledger = Ledger.Open(Work);
        Assert.Equal(("LedgerLost", true), (ledger.Notice!.Code, ledger.IsRebuilding));
    }

    [Fact]
    public void A_rebuild_lasts_until_a_run_says_that_it_went_to_its_end()
    {
        _folder.Write("work/ledger.db", new string('x', 8192));
        Ledger.Open(Work).Dispose();
        using (var cutOff = Ledger.Open(Work))
        {
            Assert.Equal((null, true), (cutOff.Notice, cutOff.IsRebuilding));
            cutOff.FinishRebuilding();
            Assert.False(cutOff.IsRebuilding);
        }

        using var next = Ledger.Open(Work);
        Assert.False(next.IsRebuilding);
    }

    private void Fill()
    {
        using var ledger = Ledger.Open(Work);
        ledger.Record([.. Enumerable.Range(0, 2000).Select(i => Copy("job_1", $"{i}.m4a", At($"{i}.m4a")))]);
    }

    private void Damage()
    {
        using var file = System.IO.File.OpenWrite(File);
        file.Position = 192 * 1024;
        file.Write(new byte[512 * 1024]);
    }
}
