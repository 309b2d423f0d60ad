using System.Text.Json;
using NasSync.Config;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Transfers;

/// <summary>The log file is set aside when it is large or old, by us or by others, and no line of it is lost.</summary>
public sealed class LogRotationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly List<string> _trouble = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_full_is_set_aside_and_every_line_stands_in_order_in_one_of_them()
    {
        using (var log = Log(maxSize: 2000, keep: 1000)) Append(log, 0, 200);
        Assert.Equal(Enumerable.Range(0, 200), Numbers());
        Assert.InRange(Files().Length, 20, 200);
        Assert.All(Files(), file => Assert.InRange(new FileInfo(file).Length, 1, 2000));
        Assert.Empty(_trouble);
    }

    [Fact]
    public void The_names_say_when_and_no_more_than_asked_for_are_kept()
    {
        using (var log = Log(maxSize: 1, keep: 2))
        {
            for (var number = 0; number < 5; number++)
            {
                Append(log, number, 1);
                _time.Advance(TimeSpan.FromMinutes(1));
            }
        }

        Assert.Equal(
            ["nas-sync.20260114T120300Z.jsonl", "nas-sync.20260114T120400Z.jsonl", "nas-sync.jsonl"],
            Files().Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal([2, 3, 4], Numbers());
    }

    [Fact]
    public void Older_files_that_a_killed_process_did_not_come_to_remove_go_with_the_next()
    {
        foreach (var hour in Enumerable.Range(1, 9)) _folder.Write($"nas-sync.2026011{hour}T000000Z.jsonl", "{}\n");
        _folder.Write("nas-sync.bak.jsonl", "mine\n");
        _folder.Write("other.20260101T000000Z.jsonl", "mine\n");
        using (var log = Log(maxSize: 1, keep: 3)) Append(log, 0, 2);
        Assert.Equal(
            [
                "nas-sync.20260118T000000Z.jsonl", "nas-sync.20260119T000000Z.jsonl", "nas-sync.20260119T000001Z.jsonl", "nas-sync.bak.jsonl",
                "nas-sync.jsonl", "other.20260101T000000Z.jsonl",
            ],
            Directory.GetFiles(_folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_make_new_files_older_than_old_ones()
    {
        using (var log = Log(maxSize: 1, keep: 1000)) Append(log, 0, 3);
        var earlier = new ManualTime(SampleEvents.Noon.AddYears(-1));
        using (var log = Log(maxSize: 1, keep: 1000, time: earlier)) Append(log, 3, 3);
        Assert.Equal(Enumerable.Range(0, 6), Numbers());
    }

    [Fact]
    public void A_file_whose_first_line_is_old_is_set_aside_also_by_a_later_process()
    {
        using (var log = Log(maxAge: TimeSpan.FromDays(7)))
        {
            Append(log, 0, 2);
            _time.Advance(TimeSpan.FromDays(6));
            Append(log, 2, 1);
        }

        Assert.Single(Files());
        using (var log = Log(maxAge: TimeSpan.FromDays(7)))
        {
            Append(log, 3, 1);
            Assert.Single(Files());
            _time.Advance(TimeSpan.FromDays(1));
            Append(log, 4, 1);
        }

        Assert.Equal(["nas-sync.20260121T120000Z.jsonl", "nas-sync.jsonl"], Files().Select(file => Path.GetFileName(file)));
        Assert.Equal([0, 1, 2, 3, 4], Numbers());
        Assert.Single(File.ReadAllLines(Current));
    }

    [RequiresFact("linux")]
    public void What_a_link_leads_to_is_set_aside_and_the_link_stays()
    {
        var real = _folder.MakeFolder("disk");
        File.CreateSymbolicLink(Current, Path.Combine(real, "real.jsonl"));
        using (var log = Log(maxSize: 1)) Append(log, 0, 2);
        Assert.Equal(
            ["real.20260114T120000Z.jsonl", "real.jsonl"],
            Directory.GetFiles(real).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.NotNull(new FileInfo(Current).LinkTarget);
    }

    [Fact]
    public void A_program_that_moves_the_file_away_gets_it_and_the_next_line_begins_a_new_one()
    {
        using var log = Log();
        Append(log, 0, 2);
        File.Move(Current, _folder["moved"]);
        Append(log, 2, 1);
        Assert.Equal(2, File.ReadAllLines(_folder["moved"]).Length);
        Assert.Single(File.ReadAllLines(Current));
        Assert.Empty(_trouble);
    }

    [RequiresFact("linux")]
    public async Task However_often_another_program_moves_the_file_away_every_line_is_there_once()
    {
        const int lines = 5000;
        using var log = Log(maxSize: 10_000, keep: int.MaxValue);
        using var done = new CancellationTokenSource();
        var moved = 0;
        var mover = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                try
                {
                    // With overwrite it is one rename; without, the runtime may link and remove, and another file may have the name by then.
                    File.Move(Current, _folder[$"nas-sync.moved-{moved:d6}.jsonl"], overwrite: true);
                    Interlocked.Increment(ref moved);
                }
                catch (FileNotFoundException)
                {
                    // The next line makes it.
                }
            }
        });
        var written = 0;
        while (written < lines || Volatile.Read(ref moved) < 10) Append(log, written++, 1);
        await done.CancelAsync();
        await mover;
        Assert.Empty(_trouble);
        Assert.Equal(Enumerable.Range(0, written), Numbers().Order());
    }

    [RequiresFact("linux")]
    public void A_program_that_copies_the_file_and_cuts_it_leaves_no_hole()
    {
        using var log = Log();
        Append(log, 0, 3);
        using (var cut = new FileStream(Current, FileMode.Open)) cut.SetLength(0);
        Append(log, 3, 1);
        Assert.Equal([3], Numbers());
    }

    [RequiresFact("linux")]
    public void Two_that_write_to_one_file_keep_each_others_lines()
    {
        using (var one = Log())
        using (var other = Log())
        {
            foreach (var number in Enumerable.Range(0, 100)) Append(number % 2 == 0 ? one : other, number, 1);
        }

        Assert.Equal(Enumerable.Range(0, 100), Numbers());
    }

    [Fact]
    public void A_line_that_a_power_cut_broke_off_does_not_take_the_next_one_along()
    {
        _folder.Write("nas-sync.jsonl", """{"time":"2026-01-14T11:59:00Z","event":"comm""");
        using (var log = Log()) Append(log, 7, 1);
        var lines = File.ReadAllLines(Current);
        Assert.Equal(2, lines.Length);
        Assert.Equal(7, NumberOf(lines[1]));
    }

    [Fact]
    public void A_folder_that_is_removed_is_made_again()
    {
        using var log = Log("logs/deep/nas-sync.jsonl");
        Append(log, 0, 1);
        Directory.Delete(_folder["logs"], recursive: true);
        Append(log, 1, 1);
        Assert.Equal(1, NumberOf(Assert.Single(File.ReadAllLines(_folder["logs/deep/nas-sync.jsonl"]))));
        Assert.Empty(_trouble);
    }

    [RequiresFact("mount")]
    public void When_there_is_room_again_it_is_written_again_and_says_how_many_lines_were_lost()
    {
        using var disk = Mounted.Tmpfs("64k", at: _folder.MakeFolder("disk"));
        using var log = Log("disk/nas-sync.jsonl");
        Append(log, 0, 2);
        foreach (var outage in new[] { 1, 2 })
        {
            Fill(_folder["disk/filler"]);
            while (_trouble.Count < outage) Append(log, 1000, 1);
            var complete = File.ReadAllLines(_folder["disk/nas-sync.jsonl"]);
            Assert.All(complete, line => JsonDocument.Parse(line));
            _time.Advance(TimeSpan.FromSeconds(5));
            Append(log, 1000, 6);
            Assert.Equal(outage, _trouble.Count);

            File.Delete(_folder["disk/filler"]);
            Append(log, 1000, 1);
            Assert.Equal(complete, File.ReadAllLines(_folder["disk/nas-sync.jsonl"]));
            _time.Advance(TimeSpan.FromSeconds(5));
            Append(log, outage, 1);

            // The one that found the disk full, the six, and the one that did not try.
            var lines = File.ReadAllLines(_folder["disk/nas-sync.jsonl"]);
            Assert.Equal(complete.Length + 2, lines.Length);
            var notice = JsonDocument.Parse(lines[^2]).RootElement;
            Assert.Equal(("warned", "LogLinesLost"), (notice.GetProperty("event").GetString(), notice.GetProperty("code").GetString()));
            Assert.StartsWith("8 lines are missing here", notice.GetProperty("message").GetString());
            Assert.Equal(outage, NumberOf(lines[^1]));
        }

        Assert.All(_trouble, sentence => Assert.Contains("cannot be written (No space left on device", sentence));
    }

    [RequiresFact("mount")]
    public void Lines_that_were_lost_are_told_at_the_end_too()
    {
        using var disk = Mounted.Tmpfs("64k", at: _folder.MakeFolder("disk"));
        using (var log = Log("disk/nas-sync.jsonl"))
        {
            Append(log, 0, 1);
            Fill(_folder["disk/filler"]);
            while (_trouble.Count == 0) Append(log, 1, 1);
            File.Delete(_folder["disk/filler"]);
        }

        Assert.Contains("LogLinesLost", File.ReadLines(_folder["disk/nas-sync.jsonl"]).Last());
    }

    [RequiresFact("mount")]
    public void A_file_that_may_not_be_renamed_as_in_a_container_is_written_on_and_that_is_told_once()
    {
        _folder.Write("host.jsonl", "");
        _folder.Write("nas-sync.jsonl", "");
        using var bound = Mounted.Bind(_folder["host.jsonl"], Current);
        using (var log = Log(maxSize: 500)) Append(log, 0, 50);
        Assert.Equal(50, File.ReadAllLines(_folder["host.jsonl"]).Length);
        Assert.Contains("cannot be set aside", Assert.Single(_trouble));
    }

    private string Current => _folder["nas-sync.jsonl"];

    private EventLog Log(string name = "nas-sync.jsonl", long maxSize = 0, TimeSpan maxAge = default, int keep = 5, TimeProvider? time = null) =>
        new(_folder[name], LogLevel.Info, _trouble.Add, time ?? _time) { MaxSize = maxSize, MaxAge = maxAge, Keep = keep };

    private static void Append(EventLog log, int first, int count)
    {
        foreach (var number in Enumerable.Range(first, count)) log.Append(SampleEvents.Committed(jobId: $"job_{number}"));
    }

    private string[] Files() => [.. Directory.GetFiles(_folder.Path, "nas-sync*.jsonl").Order(StringComparer.Ordinal)];

    // Of the oldest file first: names with a time sort before the plain one.
    private IEnumerable<int> Numbers() => Files().SelectMany(File.ReadAllLines).Select(NumberOf);

    private static int NumberOf(string line) =>
        int.Parse(
            JsonDocument.Parse(line).RootElement.GetProperty("jobId").GetString()!["job_".Length..],
            System.Globalization.CultureInfo.InvariantCulture);

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) file.Write(new byte[1024]);
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
