using System.Text.RegularExpressions;
using NasSync.Files;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Faults;

/// <summary>Device errors, which only the kernel can produce: strace replaces the results of system calls with them.</summary>
public sealed class DeviceErrorTests : IDisposable
{
    private readonly SyncWorld _world = new();

    public void Dispose() => _world.Dispose();

    [RequiresFact("linux", "strace")]
    public async Task A_copy_whose_flush_fails_is_thrown_away_and_made_anew_and_never_flushed_a_second_time()
    {
        var (song, _) = MakeJob();
        var (run, calls) = await RunAsync(PartOf(song), "fsync", "fsync:error=EIO");

        Assert.True(run.ExitCode == 5, run.Out + run.Error);
        Assert.Equal("IoError", Assert.Single(run.Of("retrying")).GetProperty("code").GetString());
        Assert.Equal(["other.wav"], Directory.EnumerateFiles(Path.Combine(_world.Nas, "job_1")).Select(Path.GetFileName));

        // Linux reports such an error only once: a second fsync of the same file would succeed although bytes were lost. So each attempt calls fsync
        // once, then removes its file; the next attempt creates a new one (O_EXCL refuses an existing part).
        Assert.True(calls.Length == 2, string.Join('\n', calls));
        Assert.All(calls, call => Assert.Contains("(INJECTED)", call));

        var again = await Nassync.RunAsync("sync", "--json", "--config", Config());
        Assert.True(again.ExitCode == 0 && again.Of("committed").Count == 1, again.Out);
        Assert.Equal(TempFolder.Sha256Of(song), TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1", "song.wav")));
    }

    [RequiresFact("linux", "strace")]
    public async Task A_source_that_cannot_be_read_fails_alone_and_leaves_nothing_behind()
    {
        var (song, other) = MakeJob();
        var (run, _) = await RunAsync(song, "pread64", "pread64:error=EIO");

        Assert.True(run.ExitCode is 5 or 6, run.Out + run.Error);
        var failed = Assert.Single(run.Of("failed"));
        Assert.Equal(("song.wav", "IoError"), (failed.GetProperty("artifact").GetString(), failed.GetProperty("code").GetString()));
        Assert.Matches("song.wav", failed.GetProperty("message").GetString());
        Assert.Equal(TempFolder.Sha256Of(other), TempFolder.Sha256Of(Path.Combine(_world.Nas, "job_1", "other.wav")));
        Assert.Equal(["other.wav"], Directory.EnumerateFiles(Path.Combine(_world.Nas, "job_1")).Select(Path.GetFileName));

        // Once the device works again, a plain run copies the file.
        var again = await Nassync.RunAsync("sync", "--json", "--config", Config());
        Assert.True(again.ExitCode == 0 && again.Of("committed").Count == 1, again.Out);
    }

    [RequiresFact("linux", "strace")]
    public async Task A_new_root_whose_rights_cannot_be_made_durable_is_removed_again_and_made_with_its_rights_by_the_next_run()
    {
        MakeJob();
        var root = Path.Combine(_world.Root, "new");
        var config = Config($$"""{ disk: { type: local, root: {{root}}, dirMode: "0710" } }""", "disk:${jobId}");
        var (run, calls) = await RunAsync(root, "fsync", "fsync:error=EIO", config);

        Assert.True(run.ExitCode is 5 or 6, run.Out + run.Error);
        Assert.All(run.Of("failed"), failed => Assert.Equal("IoError", failed.GetProperty("code").GetString()));
        Assert.NotEmpty(calls);
        Assert.False(Directory.Exists(root));

        var again = await Nassync.RunAsync("sync", "--json", "--config", config);
        Assert.True(again.ExitCode == 0 && again.Of("committed").Count == 2, again.Out);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute,
            OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(root));
    }

    private (string Song, string Other) MakeJob()
    {
        var content = new byte[700_001];
        new Random(3).NextBytes(content);
        var job = _world.Job().Add("song.wav", "audio", content: content).Add("other.wav", "audio", content: content[..1000]);
        job.Write();
        return (Path.Combine(job.Folder, "song.wav"), Path.Combine(job.Folder, "other.wav"));
    }

    // The temporary name of the copy.
    private string PartOf(string song)
    {
        using var root = SafeRoot.Open(Path.GetDirectoryName(song)!);
        var state = root.Stat(RelativePath.Parse("song.wav"))!.Value.State;
        return Path.Combine(_world.Nas, "job_1", AtomicFile.PartName("song.wav", SourceFingerprint.Of("job_1", "song.wav", state)));
    }

    private async Task<(Nassync Run, string[] Calls)> RunAsync(string path, string calls, string fault, string? config = null)
    {
        var trace = Path.Combine(_world.Root, "trace");
        var run = await Nassync.RunUnderAsync(
            ["strace", "-f", "-qq", "-y", "-s", "0", "-e", "signal=none", "-P", path, "-e", $"trace={calls}", "-e", $"inject={fault}", "-o", trace],
            "sync", "--json", "--log-level", "debug", "--config", config ?? Config());

        // strace splits a call that another thread interrupted into two lines; the second has the result.
        return (run, [.. (await File.ReadAllLinesAsync(trace))
            .Where(line => !line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            .Select(line => Regex.Replace(line, @"^\d+\s+", ""))]);
    }

    private string Config(string destinations = "{}", string? to = null)
    {
        var file = Path.Combine(_world.Root, "config.yaml");
        File.WriteAllText(file, $$"""
            nasSync:
              outputsDir: {{_world.Outputs}}
              workDir: {{_world.Root}}/work
              retry: { maxAttempts: 2, baseDelay: 1ms, maxDelay: 1ms }
              destinations: {{destinations}}
              routes: [ { to: "{{to ?? _world.Nas + "/${jobId}"}}" } ]
            """);
        return file;
    }
}
