using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

public sealed class LedgerReadOnlyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Work => _folder["work"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_without_a_ledger_is_an_empty_one_and_stays_missing()
    {
        using (var ledger = Ledger.OpenReadOnly(Work)) AssertEmpty(ledger);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_empty_file_is_an_empty_ledger_and_stays_empty()
    {
        _folder.Write("work/ledger.db", "");
        var before = Look();
        using (var ledger = Ledger.OpenReadOnly(Work)) AssertEmpty(ledger);

        Assert.Equal(before, Look());
    }

    [Fact]
    public void A_closed_ledger_is_read_and_nothing_is_touched()
    {
        using (var writer = Ledger.Open(Work)) writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        var before = Look();

        using (var ledger = Ledger.OpenReadOnly(Work))
        {
            AssertHoldsJob1(ledger);
            Assert.Equal(before, Look());
        }

        Assert.Equal(before, Look());
    }

    [Fact]
    public void A_ledger_in_use_is_read_and_nothing_is_touched()
    {
        using var writer = Ledger.Open(Work);
        writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        var before = Look();

        using (var ledger = Ledger.OpenReadOnly(Work))
        {
            AssertHoldsJob1(ledger);
            Assert.Equal(before, Look());
            writer.Record([Copy("job_2", "b.m4a", At("b.m4a"))]);
            Assert.Single(ledger.OfJob("job_2"));
        }

        Assert.True(File.Exists(_folder["work/ledger.db-wal"]));
        writer.Record([Copy("job_3", "c.m4a", At("c.m4a"))]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_killed_process_left_is_read_and_nothing_is_touched(bool index)
    {
        using (var writer = Ledger.Open(_folder["alive"]))
        {
            writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
            _folder.MakeFolder("work");
            foreach (var suffix in index ? ["", "-wal", "-shm"] : new[] { "", "-wal" })
                File.Copy(_folder["alive/ledger.db" + suffix], _folder["work/ledger.db" + suffix]);
        }

        var before = _folder.Files("work");
        using (var ledger = Ledger.OpenReadOnly(Work)) AssertHoldsJob1(ledger);
        Assert.Equal(before, _folder.Files("work"));

        using var restarted = Ledger.Open(Work);
        AssertHoldsJob1(restarted);
    }

    [Fact]
    public void A_ledger_that_appears_or_changes_meanwhile_is_seen()
    {
        using var ledger = Ledger.OpenReadOnly(Work);
        AssertEmpty(ledger);

        using (var writer = Ledger.Open(Work)) writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
        AssertHoldsJob1(ledger);

        using (var writer = Ledger.Open(Work)) writer.Record([Copy("job_2", "b.m4a", At("b.m4a"))]);
        Assert.Single(ledger.OfJob("job_2"));

        Directory.Delete(Work, recursive: true);
        AssertEmpty(ledger);
    }

    [Fact]
    public void A_question_during_which_the_ledger_changed_is_asked_again()
    {
        Ledger.Open(Work).Dispose();
        using var store = new ReadOnlyStore(_folder["work/ledger.db"], TimeProvider.System);
        var asked = 0;

        var count = store.Read(session =>
        {
            var seen = CopyRows.OfJob(session, "job_1").Count;
            if (asked++ > 0) return seen;
            using var writer = Ledger.Open(Work);
            writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);
            return seen;
        });

        Assert.Equal((1, 2), (count, asked));
    }

    [Fact]
    public void A_ledger_that_never_rests_is_given_up()
    {
        Ledger.Open(Work).Dispose();
        using var store = new ReadOnlyStore(_folder["work/ledger.db"], TimeProvider.System);
        var round = 0;

        var failure = Assert.Throws<FailureException>(() => store.Read(session =>
        {
            using var writer = Ledger.Open(Work);
            writer.Record([.. Enumerable.Range(0, 50).Select(i => Copy("job_1", $"{round++}.m4a", At($"{round}.m4a")))]);
            return 0;
        })).Failure;

        Assert.Equal((FailureClass.Transient, "LedgerBusy"), (failure.Class, failure.Code));
    }

    [Fact]
    public void A_log_that_a_killed_run_had_only_begun_is_read_past()
    {
        using (var writer = Ledger.Open(Work)) writer.Record([Copy("job_1", "a.m4a", At("a.m4a"))]);

        // The header of a log of pages of 4096 bytes, and the index of nobody.
        _folder.Write("work/ledger.db-wal", Convert.FromHexString("377f0682" + "002de218" + "00001000" + "00000000" + new string('7', 32)));
        _folder.Write("work/ledger.db-shm", new byte[32768]);

        using var ledger = Ledger.OpenReadOnly(Work);
        AssertHoldsJob1(ledger);
    }

    private static void AssertEmpty(Ledger ledger)
    {
        Assert.Empty(ledger.OfJob("job_1"));
        Assert.Null(ledger.Owner(At("a.m4a")));
        Assert.Empty(ledger.Copies());
        Assert.Empty(ledger.Summary());
        Assert.Empty(ledger.Failures());
    }

    private static void AssertHoldsJob1(Ledger ledger)
    {
        Assert.Single(ledger.OfJob("job_1"));
        Assert.Equal("job_1", ledger.Owner(At("a.m4a"))?.JobId);
        Assert.Single(ledger.Copies());
        Assert.Single(ledger.Summary());
    }

    // Without opening the files: closing a second handle would drop the locks that SQLite holds on the first.
    private List<(string, long, DateTime)> Look() =>
    [
        .. new DirectoryInfo(_folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry => (entry.FullName, entry is FileInfo file ? file.Length : -1, entry.LastWriteTimeUtc)),
    ];
}
