using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Service;

public sealed class DebugLogTests : IDisposable
{
    private readonly Cli _cli = new();

    public DebugLogTests() => _cli.WriteConfig();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Routes_decisions_and_calls_are_shown_on_standard_error_where_debug_is_asked_for()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Add("v.mp4", "video").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json", "--log-level", "debug"));
        Assert.All(_cli.Json, line => Assert.NotNull(line.GetProperty("event").GetString()));
        var target = _cli.Folder["nas/Audio/a.m4a"];
        Assert.Contains(" Routed: route 1 (", _cli.Error);
        Assert.Contains(" takes 'a.m4a' of job_1: ", _cli.Error);
        Assert.Contains(" does not take 'v.mp4' of job_1: ", _cli.Error);
        Assert.Contains($" Decided: Copy 'a.m4a' of job_1 at {target}: new", _cli.Error);
        Assert.Contains(": begin Audio/a.m4a → ", _cli.Error);
        Assert.Contains(": commit Audio/a.m4a → ", _cli.Error);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--log-level", "debug"));
        Assert.Contains($" Decided: Unchanged 'a.m4a' of job_1 at {target}: ", _cli.Error);
        Assert.DoesNotContain(": begin ", _cli.Error);
    }

    [Fact]
    public async Task Nothing_of_it_is_shown_where_nobody_asks()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Empty(_cli.Error);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("verify")]
    [InlineData("destination test ./nas")]
    public async Task A_file_gets_it_run_after_run_and_standard_error_does_not(string words)
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--debug-log", "debug.log"));
        var first = await File.ReadAllLinesAsync(_cli.Folder["debug.log"]);
        Assert.Contains(first, line => line.Contains("Z Decided: Copy 'a.m4a' of job_1 at ", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync([.. words.Split(' '), "--debug-log", "debug.log"]));
        Assert.Empty(_cli.Error);
        var both = await File.ReadAllLinesAsync(_cli.Folder["debug.log"]);
        Assert.Equal(first, both[..first.Length]);
        if (words != "destination test ./nas") Assert.NotEmpty(both[first.Length..]);
    }

    [Fact]
    public async Task A_name_with_a_line_end_makes_no_line_of_its_own()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a\n12:00 Decided.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--log-level", "debug", "--debug-log", "debug.log"));
        Assert.All(await File.ReadAllLinesAsync(_cli.Folder["debug.log"]), line => Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T", line));
        Assert.All(_cli.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("debug: ", line));
    }

    [Theory]
    [InlineData("nas-sync.yaml", "it is the configuration")]
    [InlineData("outputs/job_1/manifest.json", "it lies in the outputs folder")]
    [InlineData("work/ledger.db", "it lies in the work folder")]
    public async Task A_file_that_it_would_spoil_is_left_alone(string file, string why)
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        _cli.Job("job_2").Add("b\u001b[31m.m4a", "audio").Write();
        var before = File.ReadAllBytes(_cli.Folder[file]);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--debug-log", file));
        Assert.Contains($"is not written: {why}.", _cli.Error, StringComparison.Ordinal);
        if (!file.EndsWith(".db", StringComparison.Ordinal)) Assert.Equal(before, File.ReadAllBytes(_cli.Folder[file]));

        // And what drives a terminal is escaped.
        await _cli.RunAsync("sync", "--debug-log", "debug.log");
        Assert.DoesNotContain('\u001b', File.ReadAllText(_cli.Folder["debug.log"]));
        Assert.Contains("b\\u001b[31m.m4a", File.ReadAllText(_cli.Folder["debug.log"]), StringComparison.Ordinal);
    }

    [RequiresFact("/dev/full")]
    public async Task What_cannot_be_written_is_told_once_and_the_work_goes_on()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--debug-log", "/dev/full"));
        Assert.StartsWith(
            "warning: Cannot write the debug log '/dev/full': ",
            Assert.Single(_cli.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.True(File.Exists(_cli.Folder["nas/Audio/a.m4a"]));
    }

    [Fact]
    public void A_file_that_was_moved_away_is_begun_anew()
    {
        var path = _cli.Folder["debug.log"];
        using var log = new DebugLog(show: null, path, _ => { });
        TransferLog.Released(log, "a", "job_1");
        File.Move(path, path + ".1");
        TransferLog.Released(log, "b", "job_1");
        Assert.EndsWith("Released: Removed the source 'a' of job_1\n", File.ReadAllText(path + ".1"));
        Assert.EndsWith("Released: Removed the source 'b' of job_1\n", File.ReadAllText(path));
    }
}
