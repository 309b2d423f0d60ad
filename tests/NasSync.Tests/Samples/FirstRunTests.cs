using NasSync.Tests.Support;

namespace NasSync.Tests.Samples;

/// <summary>What the README promises about its first command, on a copy of the samples.</summary>
public sealed class FirstRunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public FirstRunTests()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.At("samples/outputs"), "*", SearchOption.AllDirectories))
            _folder.Write(Path.GetRelativePath(Repository.At("samples"), file), File.ReadAllBytes(file));
        _folder.Write("nas-sync.yaml", File.ReadAllBytes(Repository.At("samples/nas-sync.yaml")));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Four_artifacts_of_two_jobs_arrive_and_the_fifth_is_skipped_with_its_reason()
    {
        var run = await SyncAsync("--json");

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.All(run.Of("committed"), line => Assert.Equal(
            TempFolder.Sha256Of(Path.Combine(_folder["outputs"], line.GetProperty("jobId").GetString()!, line.GetProperty("artifact").GetString()!)),
            TempFolder.Sha256Of(line.GetProperty("target").GetString()!)));
        Assert.Equal(
            [
                "Instrumentals/Drums only/Mira Solène/Mira Solène - Northern Line - Drums only.m4a",
                "Instrumentals/Instrumental (no drums)/Mira Solène/Mira Solène - Northern Line - No drums.m4a",
                "Instrumentals/Instrumental/Mira Solène/Mira Solène - Northern Line.m4a",
                "Videos/2026-01/Lamplighter (Live at the Pier).mp4",
            ],
            _folder.Files("nas").Select(file => file.Path));
        var skipped = Assert.Single(run.Of("skipped"));
        Assert.Equal(("job_20260116_0b92", "unrouted"), (skipped.GetProperty("jobId").GetString(), skipped.GetProperty("kind").GetString()));
        Assert.NotEmpty(skipped.GetProperty("reason").GetString()!);
    }

    [Fact]
    public async Task The_second_run_copies_nothing_and_touches_nothing()
    {
        await SyncAsync();
        var before = Directory.EnumerateFiles(_folder["nas"], "*", SearchOption.AllDirectories).Order().Select(file =>
            (file, File.GetLastWriteTimeUtc(file))).ToList();

        var again = await SyncAsync("--json");

        var finished = again.Of("finished")[0];
        Assert.Equal((0, 0, 4), (again.ExitCode, finished.GetProperty("committed").GetInt32(), finished.GetProperty("unchanged").GetInt32()));
        Assert.Equal(before, Directory.EnumerateFiles(_folder["nas"], "*", SearchOption.AllDirectories).Order()
            .Select(file => (file, File.GetLastWriteTimeUtc(file))));
    }

    [Fact]
    public async Task The_table_names_every_artifact_its_target_and_what_became_of_it()
    {
        var run = await SyncAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(4, run.Out.Split('\n').Count(line => line.Contains("copied") && line.Contains(_folder["nas"])));
        Assert.Contains("skipped", run.Out);
        var note = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"note: '{_folder["nas"]}' does not exist; the first copy creates it.", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_and_the_dry_run_change_nothing()
    {
        var before = _folder.Files();

        Assert.Equal(0, (await Nassync.RunAsync("plan", "--config", _folder["nas-sync.yaml"])).ExitCode);
        Assert.Equal(0, (await SyncAsync("--dry-run")).ExitCode);

        Assert.Equal(before, _folder.Files());
        Assert.False(Directory.Exists(_folder["work"]));
    }

    [Fact]
    public async Task A_source_is_removed_only_where_its_route_says_so_and_a_line_tells_it()
    {
        var config = File.ReadAllText(_folder["nas-sync.yaml"]);
        _folder.Write("nas-sync.yaml", config.Replace("release: keep  ", "release: delete", StringComparison.Ordinal));
        var before = _folder.Files("outputs");
        _folder.MakeFolder("nas/Videos");

        var run = await SyncAsync("--json");

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        var released = Assert.Single(run.Of("released")).GetProperty("source").GetString()!;
        Assert.Equal("Lamplighter (Live at the Pier).mp4", Path.GetFileName(released));
        Assert.Equal(before.Where(file => !released.EndsWith(file.Path, StringComparison.Ordinal)), _folder.Files("outputs"));
        Assert.Equal(0, (await SyncAsync()).ExitCode);
    }

    [Fact]
    public async Task The_configuration_of_the_samples_has_neither_errors_nor_warnings()
    {
        var check = await Nassync.RunAsync("config", "check", "--json", "--config", _folder["nas-sync.yaml"]);
        Assert.Equal(0, check.ExitCode);
        Assert.Empty(check.Of("problem"));
    }

    private Task<Nassync> SyncAsync(params string[] more) => Nassync.RunAsync(["sync", "--config", _folder["nas-sync.yaml"], .. more]);
}
