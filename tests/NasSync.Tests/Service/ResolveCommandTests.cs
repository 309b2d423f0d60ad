using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class ResolveCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public ResolveCommandTests()
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio", "instrumental").Add("v.mp4", "video", "source").Write();
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task It_says_where_an_artifact_goes_and_why_another_does_not()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("resolve"));
        Assert.Contains($"    -> {_cli.Folder["nas/Audio/a.m4a"]}", _cli.Lines);
        Assert.Contains(_cli.Lines, line => line.StartsWith("    skipped: no route matches", StringComparison.Ordinal));
        Assert.Contains(_cli.Lines, line => line.StartsWith("    * route 1 (audio/*)", StringComparison.Ordinal));
        Assert.Contains(_cli.Lines, line => line.StartsWith("      route 1 (audio/*): ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_json_each_artifact_is_a_line()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("resolve", "--json"));
        var lines = _cli.Json;
        Assert.Equal(2, lines.Count);
        Assert.Equal(_cli.Folder["nas/Audio/a.m4a"], lines[0].GetProperty("targets")[0].GetProperty("target").GetString());
        Assert.Equal(1, lines[0].GetProperty("route").GetInt32());
        Assert.StartsWith("no route matches", lines[1].GetProperty("skipReason").GetString());
        Assert.False(lines[1].GetProperty("verdicts")[0].GetProperty("matched").GetBoolean());
    }

    [Fact]
    public async Task A_broken_manifest_does_not_hide_the_others()
    {
        _cli.Folder.Write("outputs/job_0/manifest.json", "[1]");
        _cli.Job("job_2").Declare("../../etc/passwd", "audio").Write();
        Assert.Equal(ExitCode.SafetyStop, await _cli.RunAsync("resolve"));
        Assert.Contains("job_0", _cli.Out);
        Assert.Contains("[EscapesJob]", _cli.Out);
        Assert.Contains("-> ", _cli.Out);
    }

    [Fact]
    public async Task A_path_that_is_not_there_fails_for_good_and_the_next_path_is_shown()
    {
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("resolve", "nowhere", "outputs/job_1"));
        Assert.Contains("[PathNotFound]", _cli.Out);
        Assert.Contains("-> ", _cli.Out);
    }

    [Fact]
    public async Task Nothing_is_written()
    {
        var before = _cli.Folder.Files();
        await _cli.RunAsync("resolve");
        Assert.Equal(before, _cli.Folder.Files());
    }

    [Fact]
    public async Task Without_a_path_and_an_outputs_folder_the_configuration_is_incomplete()
    {
        _cli.Folder.Write("nas-sync.yaml", "nasSync:\n  workDir: work\n");
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("resolve"));
        Assert.Contains("outputsDir", _cli.Error);
    }

    [Fact]
    public async Task A_folder_without_manifests_is_said()
    {
        _cli.Folder.MakeFolder("empty");
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("resolve", "empty"));
        Assert.Contains("No manifest.json was found", _cli.Error);
    }

    [Fact]
    public async Task A_stop_ends_with_130()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Stopped, await _cli.RunAsync(["resolve"], stop.Token));
    }
}
