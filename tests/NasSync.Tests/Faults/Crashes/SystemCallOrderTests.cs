using System.Text;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>Traces the order of the program's system calls with strace, and checks what a power cut between any two of them may leave.</summary>
[Long]
public sealed class SystemCallOrderTests(ITestOutputHelper output)
{
    private const string LogSuffix = "ledger.db-wal";

    [RequiresFact("linux", "strace")]
    public async Task A_copy_is_durable_before_its_name_and_its_name_before_the_record_and_the_record_before_the_source_goes()
    {
        await using var world = await CrashWorld.MakeAsync("local", null);
        var calls = await SystemCalls.OfSyncAsync(world.Config, world.Folder.Path);

        foreach (var name in (string[])["old.wav", "song.m4a", "film.mkv"])
        {
            var naming = Assert.Single(calls, call => call.Name is "renameat2" or "linkat" && Path.GetFileName(call.To) == name);
            var written = calls.Where(call => call.Path == naming.Path && call.Name is "pwrite64" or "utimensat" or "ftruncate")
                .Max(call => call.End);
            var synced = Assert.Single(calls, call => call.IsSync && call.Path == naming.Path);
            var named = calls.First(call => call.IsSync && call.Path == Path.GetDirectoryName(naming.To) && call.Begin > naming.End);
            var record = RecordOf(calls, world.Sha256Of(name));
            Assert.True(written < synced.Begin, $"{name} was written after its fsync");
            Assert.True(synced.End < naming.Begin, $"{name} had its name before its fsync");
            Assert.True(named.End < record.Begin, $"{name} was recorded before its name was durable");
            Assert.Contains(calls, call => call.IsSync && call.Path == record.Path && call.Begin > record.End);
        }

        var released = Assert.Single(calls, call => call.Name == "unlinkat" && call.Path == world.Folder["outputs/job_new/film.mkv"]);
        var row = RecordOf(calls, world.Sha256Of("film.mkv"));
        var durable = calls.First(call => call.IsSync && call.Path == row.Path && call.Begin > row.End);
        Assert.True(durable.End < released.Begin, "the source went before its record was durable");
    }

    [RequiresFact("linux", "strace")]
    public async Task Whatever_a_power_cut_leaves_no_name_lies_no_record_does_and_the_next_run_makes_it_good()
    {
        await using var world = await CrashWorld.MakeAsync("local", null);
        var states = new CrashStates(world.Folder.Path);
        var calls = (await SystemCalls.OfSyncAsync(world.Config, world.Folder.Path))
            .Where(call => !call.Path.EndsWith("-shm", StringComparison.Ordinal))
            .ToList();
        string[] tops = [world.Folder["place"], world.Folder["work"], world.Folder["outputs"]];

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in calls.Select(call => (SystemCall?)call).Prepend(null))
        {
            if (call is not null) states.Apply(call);
            foreach (var state in states.Possible(tops).Where(state => seen.Add(state.Key)))
            {
                state.Restore();
                try
                {
                    await world.RequireSoundAsync();
                    await world.RequireConvergenceAsync();
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"after {call?.Name} {call?.Path}: {string.Join(", ", state.Files.Select(file => $"{Path.GetRelativePath(state.Root, file.Key)} {file.Value.Bytes.Length}"))}", e);
                }
            }
        }

        output.WriteLine($"{calls.Count} calls, {seen.Count} states");
        Assert.InRange(seen.Count, 20, 5000);
    }

    // The write of the database page that holds the copy's row, recognized by the hash.
    private static SystemCall RecordOf(IReadOnlyList<SystemCall> calls, string sha256)
    {
        var text = Encoding.UTF8.GetBytes(sha256);
        return calls.First(
            call => call.Name == "pwrite64" && call.Path.EndsWith(LogSuffix, StringComparison.Ordinal) && call.Data.AsSpan().IndexOf(text) >= 0);
    }
}
