using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>A process that may open few files.</summary>
public sealed class OpenFilesLimitTests : IDisposable
{
    private readonly Cli _cli = new();

    public OpenFilesLimitTests() => _cli.WriteConfig();

    public void Dispose() => _cli.Dispose();

    [RequiresFact("linux", "prlimit")]
    public async Task Too_low_a_limit_is_told_with_its_cure_and_never_with_a_trace()
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        foreach (var limit in (string[])["48", "64", "100"])
        {
            var run = await Nassync.RunUnderAsync(["prlimit", $"--nofile={limit}"], "sync", "--config", _cli.Folder["nas-sync.yaml"]);
            Assert.Equal((int)ExitCode.WillRetry, run.ExitCode);
            Assert.Equal(2, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.EndsWith("[TooManyOpenFiles]\n", run.Error, StringComparison.Ordinal);
        }
    }

    [RequiresFact("linux", "prlimit")]
    public async Task No_more_copies_are_made_at_a_time_than_there_are_files_for()
    {
        _cli.Folder.MakeFolder("nas");
        var job = _cli.Job();
        for (var i = 0; i < 120; i++) job.Add($"{i:d3}.m4a", "audio");
        job.Write();
        var run = await Nassync.RunUnderAsync(
            ["prlimit", "--nofile=400"], "sync", "--json", "--transfers", "64", "--config", _cli.Folder["nas-sync.yaml"]);
        Assert.Equal((0, 120, ""), (run.ExitCode, run.Of("committed").Count, run.Error));
    }
}
