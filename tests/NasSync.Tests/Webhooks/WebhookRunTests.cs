using System.Diagnostics;
using NasSync.Tests.Support;

namespace NasSync.Tests.Webhooks;

/// <summary>The program and its webhooks.</summary>
public sealed class WebhookRunTests : IAsyncLifetime
{
    // The clock stands still: a run that is done delivers for five seconds, which beside other load may be too few. It is later than the system's, so
    // that what a process of its own has kept is due.
    private readonly Cli _cli = new() { Time = new ManualTime(TimeProvider.System.GetUtcNow().AddHours(1)) };
    private HookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await HookReceiver.StartAsync();
        _cli.Environment["HOOK_SECRET"] = CourierWorld.Secret;
        _cli.Job().Add("good.m4a", "audio", declare: true).Declare("missing.m4a", "audio").Write();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _cli.Dispose();
    }

    [Fact]
    public async Task A_run_tells_what_failed_and_how_it_ended_in_the_words_of_its_own_lines()
    {
        WriteConfig();
        await _cli.RunAsync("sync", "--json");

        Assert.Equal(["failed", "finished"], _receiver.Seen.Select(one => one.Event));
        foreach (var told in _receiver.Seen)
        {
            var line = _cli.Json.Single(line => line.GetProperty("event").GetString() == told.Event);
            Assert.Equal(
                line.EnumerateObject().Select(field => field.ToString()),
                told.Json.EnumerateObject().Skip(1).Select(field => field.ToString()));
        }
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("sync --dry-run")]
    public async Task A_run_that_changes_nothing_tells_nobody(string words)
    {
        WriteConfig();
        await _cli.RunAsync([.. words.Split(' '), "--json"]);

        Assert.Empty(_receiver.Seen);
        Assert.False(Directory.Exists(_cli.Folder["work"]));
    }

    [Fact]
    public async Task A_receiver_that_is_down_changes_nothing_but_a_warning_and_the_status_says_what_waits()
    {
        WriteConfig();
        _receiver.Answer(500);
        var exitCode = await _cli.RunAsync("sync");
        Assert.Equal(ExitCode.FailedForGood, exitCode);
        Assert.Contains("warning: The webhook ", _cli.Error, StringComparison.Ordinal);

        await _cli.RunAsync("status");
        var row = _cli.Lines.Single(line => line.StartsWith(new Uri(_receiver.Url, "/hook").ToString(), StringComparison.Ordinal));
        Assert.Matches(@"/hook\s+2\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+0\s+never\s+0$", row);
        Assert.Contains(_cli.Lines, line => line.Contains("answered 500. (last tried ", StringComparison.Ordinal));

        await _cli.RunAsync("status", "--json");
        var json = _cli.Json.Single(line => line.GetProperty("event").GetString() == "webhook");
        Assert.Equal(
            (2, 0, 0), (json.GetProperty("waiting").GetInt32(), json.GetProperty("delivered").GetInt32(), json.GetProperty("dropped").GetInt32()));
        Assert.Contains("answered 500", json.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Killed_between_keeping_and_delivering_the_next_run_delivers_under_the_same_id()
    {
        WriteConfig(signed: false);
        var killed = new TaskCompletionSource<Process>();
        _receiver.Script = async (_, context) =>
        {
            (await killed.Task).Kill();
            context.Abort();
        };
        using var process = Nassync.Start("sync", "--config", _cli.Folder["nas-sync.yaml"]);
        killed.SetResult(process);
        await process.WaitForExitAsync();
        var id = Assert.Single(_receiver.Seen).Id;

        _receiver.Answer(200);
        await _cli.RunAsync("sync");

        Assert.Equal(id, _receiver.Seen[1].Id);
        Assert.Equal("finished", _receiver.Seen[^1].Event);
        Assert.Equal(_receiver.Seen.Count - 1, _receiver.Seen.Select(one => one.Id).Distinct().Count());
    }

    private void WriteConfig(bool signed = true) => _cli.WriteConfig($$"""
          settle: 0s
          webhooks: [ { url: "{{new Uri(_receiver.Url, "/hook?token=1")}}"{{(signed ? ", secret: \"env:HOOK_SECRET\"" : "")}} } ]
        """);
}
