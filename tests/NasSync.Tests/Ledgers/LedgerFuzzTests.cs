using NasSync.Ledgers;
using NasSync.Tests.Support;
using static NasSync.Tests.Ledgers.Rows;

namespace NasSync.Tests.Ledgers;

/// <summary>Whatever becomes of the ledger's file: it is read, set aside, or refused, and no reader ends with anything but a failure.</summary>
[Long]
public sealed class LedgerFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_becomes_of_a_ledger_it_is_read_set_aside_or_refused()
    {
        using var folder = new TempFolder(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        var whole = Make(folder);
        byte[][] pieces = [
            "local"u8.ToArray(), "/mnt/nas"u8.ToArray(), "../../x"u8.ToArray(), "\0"u8.ToArray(), [0xFF, 0xFF, 0xFF, 0xFF], new byte[16],
            "ReadBackCached"u8.ToArray(), "SQLite format 3\0"u8.ToArray(),
        ];
        var answers = new Fuzzer([whole], pieces) { Sharing = 5 }.Run(output, bytes =>
        {
            Directory.Delete(folder["work"], recursive: true);
            folder.Write("work/ledger.db", Kept(whole, bytes));
            return $"{Outcome(() => ReadAll(Ledger.OpenReadOnly(folder["work"])))} {Outcome(() => ReadAndWrite(folder["work"]))}";
        });
        Assert.Contains("read read", answers.Keys);
        Assert.Contains(answers.Keys, answer => answer.Contains("LedgerSetAside", StringComparison.Ordinal));
    }

    private static byte[] Make(TempFolder folder)
    {
        using (var ledger = Ledger.Open(folder["work"]))
        {
            ledger.Record([.. Enumerable.Range(1, 20).Select(number => Copy($"job_{number}", $"song {number}.m4a", At($"audio/song {number}.m4a")))]);
            ledger.RecordFailures([Fail("job_1: x", "job_1", "x.m4a", At("x.m4a")), Fail("/out/manifest.json")]);
            ledger.RememberUpload("cloud", new UnfinishedUpload("x", "f", "u"));
            ledger.RememberPlace("/mnt/nas", new RecordedPlace("id", "ext4"), Noon);
        }

        return File.ReadAllBytes(folder["work/ledger.db"]);
    }

    // A file that grew or shrank in the middle is soon seen to be damaged; mostly bytes change where they are.
    private static byte[] Kept(byte[] whole, byte[] bytes)
    {
        if (bytes.Length == whole.Length || bytes.Length % 2 == 0) return bytes;
        var kept = whole.ToArray();
        for (var i = 0; i < Math.Min(kept.Length, bytes.Length); i++)
            if (bytes[i] != kept[i])
            {
                bytes.AsSpan(i, Math.Min(8, Math.Min(kept.Length, bytes.Length) - i)).CopyTo(kept.AsSpan(i));
                break;
            }

        return kept;
    }

    private static string ReadAndWrite(string work)
    {
        var ledger = Ledger.Open(work);
        using (ledger)
        {
            if (ledger.Notice is { } notice) return notice.Code;
            ledger.Record([Copy("job_1", "song 1.m4a", At("audio/song 1.m4a"))]);
            ledger.RecordFailures([Fail("job_1: x", "job_1", "x.m4a", At("x.m4a"))]);
        }

        return ReadAll(Ledger.Open(work));
    }

    private static string ReadAll(Ledger ledger)
    {
        using (ledger)
        {
            foreach (var row in ledger.Copies().Take(10_000)) Assert.Equal(row.Target.RelativePath, RelativePath.Parse(row.Target.Path));
            _ = (
                ledger.OfJob("job_1"), ledger.Owner(At("audio/song 1.m4a")), ledger.Failures(), ledger.Summary(), ledger.Uploads("cloud"),
                ledger.Place("/mnt/nas"));
            return "read";
        }
    }

    private static string Outcome(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (FailureException refused)
        {
            // A schema whose text was damaged and still is SQL comes as this.
            Assert.True(refused.Failure.Class != FailureClass.Bug || refused.Failure.Code == "LedgerError", refused.ToString());
            Assert.DoesNotContain(refused.Failure.Message, char.IsControl);
            return refused.Failure.Code;
        }
    }
}
