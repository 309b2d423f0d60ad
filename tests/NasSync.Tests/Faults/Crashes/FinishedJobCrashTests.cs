using NasSync.Processes;
using NasSync.Tests.Support;

namespace NasSync.Tests.Faults.Crashes;

/// <summary>Kills the program while it archives or removes a finished job; the next run must finish that, and no file may be lost.</summary>
public sealed class FinishedJobCrashTests : IDisposable
{
    private readonly Cli _cli = new();

    public static TheoryData<string> Points => [.. CrashMatrixTests.AllPoints().Where(point => point.StartsWith("jobs.", StringComparison.Ordinal))];

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void There_are_such_points() => Assert.Equal(4, Points.Count);

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_run_that_was_killed_is_made_good_by_the_next(string point)
    {
        _cli.Folder.MakeFolder("nas");
        var isArchived = point == CrashPoint.JobArchived;
        var config = _cli.WriteConfig($"  finishedJobs: {(isArchived ? "archive:./archive" : "remove")}");
        _cli.Job().Add("a.m4a", "audio", declare: true).Add("deep/b.m4a", "audio", declare: true).Write();

        var killed = await Nassync.RunUnderAsync(["env", $"{CrashPoint.Variable}={point}"], "sync", "--json", "--config", config);
        Assert.Equal(128 + 9, killed.ExitCode);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json"));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cli.Folder["outputs"]));
        Assert.Equal(["a.m4a", "b.m4a"], Directory.GetFiles(_cli.Folder["nas/Audio"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (isArchived) Assert.Equal(["a.m4a", "deep/b.m4a", "manifest.json"], Archived());
        await _cli.RunAsync("status", "--json");
        Assert.Equal(2, _cli.Json[^1].GetProperty("copies").GetInt32());
        Assert.Equal(0, _cli.Json[^1].GetProperty("failures").GetInt32());
    }

    private IEnumerable<string> Archived()
    {
        var job = Directory.GetDirectories(_cli.Folder["archive"]).Single();
        return Directory.EnumerateFiles(job, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(job, file))
            .Order(StringComparer.Ordinal);
    }
}
