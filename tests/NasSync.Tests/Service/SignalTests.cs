using System.Text.Json;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class SignalTests : IDisposable
{
    // Hours at the pace below, however fast the machine is and however late the signal comes.
    private const long LongEnough = 4L << 30;
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [RequiresFact("linux")]
    public Task Ctrl_C_stops_the_program_cleanly_with_130_and_a_last_line() => StopsCleanlyAsync("INT");

    [RequiresFact("linux")]
    public Task A_service_manager_stops_the_program_cleanly_with_130_and_a_last_line() => StopsCleanlyAsync("TERM");

    [RequiresFact("linux")]
    public Task A_lost_terminal_stops_the_program_cleanly_with_130_and_a_last_line() => StopsCleanlyAsync("HUP");

    [Fact]
    public async Task The_program_itself_answers_version_and_wrong_words()
    {
        using var version = Nassync.Start("--version");
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", (await version.StandardOutput.ReadToEndAsync()).ReplaceLineEndings("\n"));
        await version.WaitForExitAsync();
        Assert.Equal(0, version.ExitCode);

        using var wrong = Nassync.Start("snyc");
        Assert.Contains("snyc", await wrong.StandardError.ReadToEndAsync());
        await wrong.WaitForExitAsync();
        Assert.Equal((int)ExitCode.Usage, wrong.ExitCode);
    }

    private async Task StopsCleanlyAsync(string signal)
    {
        _cli.WriteConfig("  bandwidthLimit: 256KiB");
        var job = _cli.Job().Declare("big.bin", "audio");
        using (var big = File.Create(Path.Combine(job.Folder, "big.bin"))) big.SetLength(LongEnough);
        job.Write();

        using var process = Nassync.Start("sync", "--json", "--log-level", "debug", "--config", _cli.Folder["nas-sync.yaml"]);
        var events = new List<JsonElement>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            events.Add(JsonDocument.Parse(line).RootElement);
            if (events[^1].GetProperty("event").GetString() != "started") continue;
            Signal.Send(signal, process.Id);
        }

        await process.WaitForExitAsync();
        Assert.Equal((int)ExitCode.Stopped, process.ExitCode);
        Assert.Equal("finished", events[^1].GetProperty("event").GetString());
        Assert.True(events[^1].GetProperty("stopped").GetBoolean());
        Assert.Empty(_cli.Folder.Files("nas"));
    }
}
