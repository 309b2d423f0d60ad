using System.Net;
using System.Net.Sockets;
using NasSync.Tests.Support;
using NasSync.Watching;

namespace NasSync.Tests.Service;

/// <summary>The daemon, as a process of its own.</summary>
[Long]
public sealed class WatchCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Config => _cli.Folder["nas-sync.yaml"];

    [RequiresFact("linux")]
    public async Task A_job_that_is_renamed_into_place_is_synced_and_SIGTERM_ends_it_well()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config);
        await StartedAsync(daemon);
        Place("job_2");
        var done = await daemon.UntilDoneAsync("job_2");
        Assert.Equal((1, 0), (done.GetProperty("committed").GetInt32(), done.GetProperty("failed").GetInt32()));
        daemon.Signal("TERM");
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
        var last = daemon.Lines[^1];
        Assert.Equal(("finished", 2), (last.GetProperty("event").GetString(), last.GetProperty("committed").GetInt32()));
        Assert.Equal(2, _cli.Folder.Files("nas").Count);
    }

    [RequiresFact("linux")]
    public async Task After_SIGKILL_the_next_one_goes_on_where_it_was()
    {
        _cli.WriteConfig();
        await using (var daemon = new Daemon(Config))
        {
            await StartedAsync(daemon);
            daemon.Signal("KILL");
            Assert.Equal(128 + 9, (await daemon.EndAsync()).ExitCode);
        }

        Place("job_2");
        await using var next = new Daemon(Config);
        Assert.Equal(1, (await next.UntilDoneAsync("job_2")).GetProperty("committed").GetInt32());
        var known = await next.UntilDoneAsync("job_1");
        Assert.Equal((0, 1), (known.GetProperty("committed").GetInt32(), known.GetProperty("unchanged").GetInt32()));
    }

    [RequiresFact("linux")]
    public async Task A_second_one_on_the_same_work_folder_is_refused_and_the_first_goes_on()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config);
        await StartedAsync(daemon);
        await using var second = new Daemon(Config);
        var (exitCode, error) = await second.EndAsync();
        Assert.Equal((int)ExitCode.Locked, exitCode);
        Assert.Contains(_cli.Folder["work"], error, StringComparison.Ordinal);
        Place("job_2");
        await daemon.UntilDoneAsync("job_2");
    }

    [RequiresFact("linux")]
    public async Task An_outputs_folder_that_is_not_there_yet_is_waited_for()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config, "--poll", "1");
        await daemon.UntilWarnedAsync(OutputsFolder.AwayCode);
        _cli.Folder.MakeFolder("outputs");
        Place("job_1");
        Assert.Equal(1, (await daemon.UntilDoneAsync("job_1")).GetProperty("committed").GetInt32());
    }

    [RequiresFact("linux")]
    public async Task An_outputs_folder_that_goes_away_and_comes_back_is_watched_on()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        var away = _cli.Folder["away"];
        Directory.Move(_cli.Folder["outputs"], away);
        await daemon.UntilWarnedAsync(OutputsFolder.AwayCode);
        Directory.Move(away, _cli.Folder["outputs"]);
        Place("job_2");
        await daemon.UntilDoneAsync("job_2");
        daemon.Signal("TERM");
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
        Assert.DoesNotContain(daemon.Lines, line => line.GetProperty("event").GetString() == "failed");
    }

    [RequiresFact("linux")]
    public async Task A_configuration_that_becomes_invalid_is_told_and_the_last_good_one_stays_until_it_is_mended()
    {
        _cli.WriteConfig();
        var good = File.ReadAllText(Config);
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        File.WriteAllText(Config, good + "  nonsense: [");
        await daemon.UntilWarnedAsync("ConfigInvalid");
        Place("job_2");
        await daemon.UntilDoneAsync("job_2");

        var before = daemon.Lines.Count;
        File.WriteAllText(Config, good.Replace("/Audio", "/Elsewhere", StringComparison.Ordinal));
        await daemon.UntilWarnedAsync("ConfigReloaded");
        await daemon.UntilDoneAsync("job_2", before);
        Assert.Contains(_cli.Folder.Files("nas"), file => file.Path.StartsWith("Elsewhere/", StringComparison.Ordinal));
    }

    [RequiresFact("linux")]
    public async Task SIGHUP_reads_the_configuration_anew_and_everything_again()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config, "--poll", "3600");
        await StartedAsync(daemon);
        var before = daemon.Lines.Count;
        daemon.Signal("HUP");
        await daemon.UntilWarnedAsync("ConfigReloaded", before);
        Assert.Equal(1, (await daemon.UntilDoneAsync("job_1", before)).GetProperty("unchanged").GetInt32());
    }

    [RequiresFact("linux")]
    public async Task It_shows_metrics_and_says_when_it_is_ready()
    {
        var port = OwnPort.Next();
        _cli.WriteConfig($"  metricsPort: {port}\n");
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var ready = await UntilAsync(http, "/readyz", answer => answer.IsSuccessStatusCode);
        Assert.Contains("nassync_jobs_total{result=\"ok\"} 1", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);

        Directory.Move(_cli.Folder["outputs"], _cli.Folder["away"]);
        using var away = await UntilAsync(http, "/readyz", answer => !answer.IsSuccessStatusCode);
        Assert.Contains(_cli.Folder["outputs"], await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var alive = await http.GetAsync("/healthz");
        Assert.True(alive.IsSuccessStatusCode);
    }

    [RequiresFact("linux")]
    public async Task The_service_manager_is_told_that_it_is_ready_and_that_it_stops()
    {
        _cli.WriteConfig();
        using var manager = Manager(out var path);
        await using var daemon = new Daemon([$"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=200000"], Config, []);
        Assert.StartsWith("READY=1\n", Received(manager, "READY"), StringComparison.Ordinal);
        Assert.Equal("WATCHDOG=1", Received(manager, "WATCHDOG"));

        // Read all the time: the socket holds ten messages, a sign of life comes every tenth of a second, and what finds no room is lost.
        var stopping = Task.Factory.StartNew(
            () => Received(manager, "STOPPING"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        daemon.Signal("TERM");
        Assert.Equal("STOPPING=1", await stopping);
        Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
    }

    [RequiresFact("linux")]
    public async Task A_second_signal_ends_it_at_once_with_130_and_nothing_is_lost()
    {
        var source = LongJob(copyTakesLong: true);
        using var manager = Manager(out var path);
        await using (var daemon = new Daemon([$"NOTIFY_SOCKET={path}"], Config, ["--log-level", "debug"]))
        {
            await daemon.UntilAsync("progress");
            daemon.Signal("TERM");
            Received(manager, "STOPPING"); // it has heard, and gives the copy its ten seconds
            daemon.Signal("TERM");
            Assert.Equal((int)ExitCode.Stopped, (await daemon.EndAsync()).ExitCode);
            Assert.DoesNotContain(daemon.Lines, line => line.GetProperty("event").GetString() == "finished");
        }

        await ArrivesAsync(source);
    }

    // It waits for the ten seconds; SyncWatchTests.What_takes_longer_is_broken_off shows the same by a clock that the test moves.
    [RequiresFact("linux", "patience")]
    public async Task A_copy_that_takes_longer_than_the_grace_is_broken_off_and_made_by_the_next_run()
    {
        var source = LongJob(copyTakesLong: true);
        await using (var daemon = new Daemon([], Config, ["--log-level", "debug"]))
        {
            await daemon.UntilAsync("progress");
            daemon.Signal("TERM");
            Assert.Equal(0, (await daemon.EndAsync()).ExitCode);
            var last = daemon.Lines[^1];
            Assert.Equal(("finished", 0), (last.GetProperty("event").GetString(), last.GetProperty("committed").GetInt32()));
            Assert.All(
                daemon.Lines.Where(line => line.GetProperty("event").GetString() == "failed"),
                line => Assert.Equal("Stopped", line.GetProperty("code").GetString()));
            Assert.True(last.GetProperty("stopped").GetBoolean());
        }

        // A folder is written anew, so nothing is left there; where it is far to go, the place keeps what came (the contract of each shows it).
        Assert.Empty(_cli.Folder.Files("nas"));
        await ArrivesAsync(source);
    }

    [RequiresFact("linux")]
    public async Task A_configuration_that_is_switched_off_ends_it()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        File.AppendAllText(Config, "\n  enabled: false\n");
        var (exitCode, error) = await daemon.EndAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains("switched off (enabled: false)", error, StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task A_configuration_that_would_change_nothing_is_not_taken_over()
    {
        _cli.WriteConfig();
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        File.AppendAllText(Config, "\n  dryRun: true\n");
        await daemon.UntilWarnedAsync("ConfigInvalid");
        Place("job_2");
        Assert.Equal(1, (await daemon.UntilDoneAsync("job_2")).GetProperty("committed").GetInt32());
        Assert.Equal(2, _cli.Folder.Files("nas").Count);
    }

    [RequiresFact("linux")]
    public async Task A_port_that_is_taken_when_the_configuration_is_read_anew_stops_no_job()
    {
        _cli.WriteConfig();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var daemon = new Daemon(Config, "--poll", "1");
        await StartedAsync(daemon);
        File.AppendAllText(Config, $"\n  metricsPort: {((IPEndPoint)other.LocalEndpoint).Port}\n");
        await daemon.UntilWarnedAsync("MetricsPortTaken");
        Place("job_2");
        Assert.Equal(1, (await daemon.UntilDoneAsync("job_2")).GetProperty("committed").GetInt32());
    }

    [RequiresFact("linux")]
    public async Task After_a_restart_the_time_of_the_last_copy_is_shown_before_there_is_a_new_one()
    {
        var port = OwnPort.Next();
        _cli.WriteConfig($"  metricsPort: {port}\n");
        await using (var daemon = new Daemon(Config))
        {
            await StartedAsync(daemon);
            daemon.Signal("TERM");
            await daemon.EndAsync();
        }

        await using var next = new Daemon(Config);
        Assert.Equal(1, (await next.UntilDoneAsync("job_1")).GetProperty("unchanged").GetInt32());
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Contains(
            "nassync_last_success_timestamp_seconds{destination=\"remoteRoots.audio\"}",
            await http.GetStringAsync("/metrics"),
            StringComparison.Ordinal);
    }

    [RequiresFact("linux")]
    public async Task Without_any_words_it_watches_in_daemon_mode_and_shows_its_help_else()
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync());
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        _cli.Environment["OUTPUTS_DIR"] = _cli.Folder.MakeFolder("outputs");
        _cli.Environment["NAS_SYNC_WORK_DIR"] = _cli.Folder["work"];
        _cli.Environment["NAS_SYNC_LOG_FILE"] = _cli.Folder["nas-sync.jsonl"];
        _cli.Environment["NAS_REMOTE_ROOT_AUDIO"] = _cli.Folder.MakeFolder("nas");

        // Where variables alone are the configuration, daemon mode is the default.
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync([], stop.Token));
        _cli.Environment["NAS_DAEMON_MODE"] = "false";
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync());
    }

    [Fact]
    public async Task Without_any_words_a_dry_run_in_daemon_mode_says_what_would_be_done()
    {
        new SampleJob(_cli.Folder.MakeFolder("outputs"), "j1").Write();
        _cli.Environment["OUTPUTS_DIR"] = _cli.Folder["outputs"];
        _cli.Environment["NAS_SYNC_WORK_DIR"] = _cli.Folder["work"];
        _cli.Environment["NAS_SYNC_METHOD"] = "local";
        _cli.Environment["NAS_SYNC_ROUTES"] = $$"""[{"to":"{{_cli.Folder["nas"]}}"},]  // everything""";
        _cli.Environment["NAS_DRY_RUN"] = "true";

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync());
        Assert.Contains("nothing was changed", _cli.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cli.Folder["nas"]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("86401")]
    [InlineData("soon")]
    public async Task A_poll_interval_that_is_none_is_refused(string word)
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("watch", $"--poll={word}"));
        Assert.Contains($"'{word}'", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_outputs_folder_there_is_nothing_to_watch()
    {
        _cli.Folder.Write("nas-sync.yaml", $"nasSync:\n  workDir: work\n  routes:\n    - to: {_cli.Folder["nas"]}\n");
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync("watch"));
        Assert.Contains("outputsDir", _cli.Error, StringComparison.Ordinal);
    }

    private async Task StartedAsync(Daemon daemon)
    {
        Place("job_1");
        await daemon.UntilDoneAsync("job_1");
    }

    private string Arrived => _cli.Folder["nas/long.bin"];

    private Socket Manager(out string path)
    {
        path = _cli.Folder["notify"];
        var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 300_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        return manager;
    }

    // A job that takes minutes at the place's pace.
    private byte[] LongJob(bool copyTakesLong)
    {
        var limit = copyTakesLong ? ", bandwidthLimit: 256KiB" : "";
        _cli.Folder.Write("nas-sync.yaml", $"nasSync:\n  outputsDir: outputs\n  workDir: work\n"
            + $"  destinations: {{ nas: {{ type: local, root: {_cli.Folder["nas"]}{limit} }} }}\n  routes: [ {{ kind: audio, to: \"nas:\" }} ]\n");
        var content = new byte[32 << 20];
        if (copyTakesLong) _cli.Job("long").Add("long.bin", "audio", content: content, declare: true).Write();
        return content;
    }

    // By the next one, which nothing slows.
    private async Task ArrivesAsync(byte[] source)
    {
        LongJob(copyTakesLong: false);
        await using var next = new Daemon(Config);
        Assert.Equal(1, (await next.UntilDoneAsync("long")).GetProperty("committed").GetInt32());
        Assert.True(source.AsSpan().SequenceEqual(File.ReadAllBytes(Arrived)));
    }

    private static string Received(Socket manager, string name)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var text = System.Text.Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
            if (text.StartsWith(name, StringComparison.Ordinal)) return text;
        }
    }

    private static async Task<HttpResponseMessage> UntilAsync(HttpClient http, string page, Func<HttpResponseMessage, bool> fits)
    {
        using var longest = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (true)
        {
            var answer = await http.GetAsync(page, longest.Token);
            if (fits(answer)) return answer;
            answer.Dispose();
        }
    }

    // As a good producer does it: made elsewhere, renamed into place.
    private void Place(string jobId)
    {
        var made = _cli.Folder.MakeFolder($"making-{jobId}");
        new SampleJob(made, jobId).Add($"{jobId}.m4a", "audio").Write();
        Directory.CreateDirectory(_cli.Folder["outputs"]);
        Directory.Move(Path.Combine(made, jobId), Path.Combine(_cli.Folder["outputs"], jobId));
    }
}
