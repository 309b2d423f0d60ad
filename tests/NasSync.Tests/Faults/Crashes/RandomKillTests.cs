using System.Security.Cryptography;
using NasSync.Ledgers;
using NasSync.Tests.Destinations.S3;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>
/// Copies many files to a folder, an SSH host and a bucket, kills the runs at random moments, and counts the files there at the end. The full
/// version is <c>NASSYNC_TEST_LARGE=1 dotnet test --filter RandomKill</c>.
/// </summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private const int JobSize = 10;
    private const int Killed = 128 + 9;

    // About the time between two output lines; the scheduler adds more randomness.
    private const int MostDelayMs = 25;

    [RequiresFact("linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public Task A_hundred_files_arrive_once_whatever_is_killed() => KillAndCountAsync(artifacts: 100, kills: 5);

    [RequiresFact("large", "linux", SshServer.Program, "radosgw", "ceph-mon", "ceph-osd")]
    public Task Two_thousand_files_arrive_once_through_two_hundred_kills() => KillAndCountAsync(artifacts: 2000, kills: 200);

    private async Task KillAndCountAsync(int artifacts, int kills)
    {
        // Files and delays are the same in each run; the machine decides which step a kill hits.
        var random = new Random(20260114);
        await using var places = await ThreePlaces.MakeAsync();
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var left = artifacts;
        var (killed, counted) = (0, 0);
        while (killed < kills)
        {
            // New files before each kill, so that there is always something to interrupt.
            var more = Math.Max(JobSize, left / (kills - killed) / JobSize * JobSize);
            left -= more;
            Make(places, sources, more, random);

            // A fast machine may finish before the kill. The next kill then comes sooner, and in the end before the first copy.
            int? committed = null;
            for (var most = more * 3 / 2; committed is null; most /= 4)
            {
                committed = await KillAsync(places, random.Next(most + 1), random.Next(most == 0 ? 1 : MostDelayMs));
                if (committed is null) Make(places, sources, JobSize, random);
            }

            counted += committed.Value;
            killed++;
        }

        var last = await places.SyncAsync();
        Assert.True(last.ExitCode == 0, last.Out + last.Error);
        var again = await places.SyncAsync();
        Assert.True(again.ExitCode == 0 && again.Lines[^1].GetProperty("unchanged").GetInt32() == 3 * sources.Count, again.Lines[^1].ToString());
        output.WriteLine($"{killed} kills, {counted} copies of {3 * sources.Count} told of before them; the last run: {last.Lines[^1]}");
        Assert.True(sources.Count >= artifacts);
        await RequireAllAsync(places, sources);
    }

    /// <summary>Starts a run, waits for a number of copies and a delay, and kills it. Returns null if the run succeeded before the kill.</summary>
    private static async Task<int?> KillAsync(ThreePlaces places, int copies, int delayMs)
    {
        using var process = Nassync.Start("sync", "--json", "--config", places.Config);
        var error = process.StandardError.ReadToEndAsync();
        var seen = 0;
        while (seen < copies && await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Contains("\"event\":\"committed\"", StringComparison.Ordinal)) seen++;

        // A plain delay, because the moment shall be random.
        await Task.Delay(delayMs);
        process.Kill();
        await process.WaitForExitAsync();
        var said = await error;
        Assert.True(process.ExitCode is 0 or Killed, $"it ended with {process.ExitCode}: {said}");
        return process.ExitCode == Killed ? seen : null;
    }

    private static void Make(ThreePlaces places, SortedDictionary<string, string> sources, int artifacts, Random random)
    {
        for (var end = sources.Count + artifacts; sources.Count < end;)
        {
            var job = places.Job($"job_{sources.Count / JobSize:d4}");
            for (var number = 0; number < JobSize; number++)
            {
                // The first file of each job has several blocks, the others are small.
                var content = new byte[number == 0 ? random.Next(1 << 20, 3 << 20) : random.Next(1, 1 << 15)];
                random.NextBytes(content);
                job.Add($"song {number}.m4a", "audio", content: content);
                sources[$"{job.JobId}/song {number}.m4a"] = Convert.ToHexStringLower(SHA256.HashData(content));
            }

            job.Write();
        }
    }

    private static async Task RequireAllAsync(ThreePlaces places, SortedDictionary<string, string> sources)
    {
        var expected = sources.Select(source => (source.Key, source.Value)).ToList();
        using (var root = new TempFolder())
        {
            foreach (var top in (string[])[places.Nas, places.Ssh.Root])
                Assert.Equal(expected, root.Files(top).Select(file => (file.Path, file.Sha256)));
        }

        var keys = await places.KeysAsync();
        Assert.Equal(sources.Keys, keys);
        foreach (var key in keys)
            Assert.Equal(sources[key], CephPlace.Sha256(await places.Bucket.ReadAsync($"{places.Bucket.Config.Prefix}/{key}")));
        Assert.Empty(await places.Bucket.UploadsAsync());
        using var ledger = Ledger.OpenReadOnly(places.Work);
        var rows = ledger.Copies().ToList();
        Assert.Equal(3 * sources.Count, rows.Count);
        Assert.All(rows, row => Assert.Equal(sources[$"{row.JobId}/{row.Artifact}"], row.Receipt.Sha256));
        Assert.Empty(ledger.Failures());
    }
}
