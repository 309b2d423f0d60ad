using System.Text.Json;
using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class SyncCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public SyncCommandTests() => _cli.WriteConfig();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_first_run_copies_and_a_second_one_finds_everything_unchanged()
    {
        _cli.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Add("v.mp4", "video").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains(_cli.Lines, line => line.EndsWith("copied, fsynced", StringComparison.Ordinal));
        Assert.Contains(_cli.Lines, line => line.Contains("skipped: no route matches", StringComparison.Ordinal));
        Assert.StartsWith("1 job, 2 copied (", _cli.Lines[^1]);
        Assert.Contains("1 skipped, 0 failed in ", _cli.Lines[^1]);
        Assert.Equal(TempFolder.Sha256Of(_cli.Folder["outputs/job_1/a.m4a"]), TempFolder.Sha256Of(_cli.Folder["nas/Audio/a.m4a"]));

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.StartsWith("1 job, 2 unchanged, 1 skipped, 0 failed in ", _cli.Lines[^1]);
    }

    [Fact]
    public async Task As_json_every_line_is_an_object_and_the_copy_carries_its_proof()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a\nb.m4a", "audio").Add("v.mp4", "video").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json"));
        var lines = _cli.Json;
        var copy = Assert.Single(lines, line => line.GetProperty("event").GetString() == "committed");
        Assert.Equal("a\nb.m4a", copy.GetProperty("artifact").GetString());
        Assert.Equal(TempFolder.Sha256Of(_cli.Folder["nas/Audio/a\nb.m4a"]), copy.GetProperty("sha256").GetString());
        Assert.Equal("finished", lines[^1].GetProperty("event").GetString());
        Assert.Equal(1, lines[^1].GetProperty("committed").GetInt32());
        Assert.Equal(0, lines[^1].GetProperty("exitCode").GetInt32());
        Assert.Empty(_cli.Error);
    }

    [Fact]
    public async Task A_run_counts_the_sources_that_it_removed()
    {
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              routes: [ { match: { kind: audio }, to: ["./nas/one", "./nas/two"], release: delete } ]
            """);
        foreach (var root in (string[])["nas/one", "nas/two"]) _cli.Folder.MakeFolder(root);
        _cli.Job().Add("a.m4a", "audio", declare: true).Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json"));
        Assert.Equal(1, _cli.Json[^1].GetProperty("released").GetInt32());
        _cli.Job("job_2").Add("b.m4a", "audio", declare: true).Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains(", 1 source removed, 0 failed", _cli.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_about_no_planned_item_names_its_job_and_artifact_in_json()
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", "outputs/job_1", "--artifact", "nope.m4a", "--json"));
        var failed = Assert.Single(_cli.Json, line => line.GetProperty("event").GetString() == "failed");
        Assert.Equal(("job_1", "nope.m4a"), (failed.GetProperty("jobId").GetString(), failed.GetProperty("artifact").GetString()));
    }

    [RequiresFact("linux", "ln")]
    public async Task A_hard_link_is_refused_where_the_command_says_so()
    {
        var job = _cli.Job().Declare("a.m4a", "audio");
        using (var ln = System.Diagnostics.Process.Start("ln", [_cli.Folder.Write("secret", "secret"), Path.Combine(job.Folder, "a.m4a")]))
            await ln.WaitForExitAsync();
        job.Write();
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("plan", "--refuse-hardlinks"));
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync", "--refuse-hardlinks"));
        Assert.Contains("[HardLinked]", _cli.Out);
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("retry", "--all", "--refuse-hardlinks"));
        Assert.False(File.Exists(_cli.Folder["nas/Audio/a.m4a"]));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--all"));
    }

    [Fact]
    public async Task One_bad_manifest_fails_alone()
    {
        _cli.Job("bad").Declare("../../etc/passwd", "audio").Write();
        _cli.Job("good").Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.SafetyStop, await _cli.RunAsync("sync"));
        Assert.Contains("FAILED: ", _cli.Out);
        Assert.Contains("[EscapesJob]", _cli.Out);
        Assert.True(File.Exists(_cli.Folder["nas/Audio/a.m4a"]));
        await _cli.RunAsync("status", "--failed");
        Assert.Contains("[EscapesJob]", _cli.Out);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("sync --dry-run")]
    public async Task A_plan_says_what_would_be_done_and_changes_nothing(string words)
    {
        _cli.Job().Add("a.m4a", "audio").Add("v.mp4", "video").Write();
        var before = _cli.Folder.Files();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains(_cli.Lines, line => line.Contains("  copy: ", StringComparison.Ordinal));
        Assert.EndsWith("1 skipped, 0 would fail; nothing was changed", _cli.Lines[^1]);
        Assert.Equal(before, _cli.Folder.Files());
        Assert.False(Directory.Exists(_cli.Folder["work"]));
    }

    [Fact]
    public async Task A_plan_as_json_is_one_line_per_item()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("a.m4a", "audio").Add("v.mp4", "video").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("plan", "--json"));
        Assert.Equal(["planItem:copy", "planItem:skip", "finished"], _cli.Json.Select(Describe));
        Assert.True(_cli.Json[^1].GetProperty("dryRun").GetBoolean());

        static string Describe(JsonElement line) =>
            line.GetProperty("event").GetString() + (line.TryGetProperty("action", out var action) ? ":" + action.GetString() : "");
    }

    [Fact]
    public async Task Switched_off_it_says_so_and_does_nothing()
    {
        _cli.WriteConfig("  enabled: false");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json"));
        Assert.Contains("enabled: false", _cli.Error);
        Assert.Equal("finished", Assert.Single(_cli.Json).GetProperty("event").GetString());
        Assert.False(Directory.Exists(_cli.Folder["nas"]));
    }

    [Fact]
    public async Task Another_run_in_the_work_folder_is_10_and_the_last_line_is_still_finished()
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        using var held = WorkLock.Acquire(_cli.Folder["work"]);
        Assert.Equal(ExitCode.Locked, await _cli.RunAsync("sync"));
        Assert.Contains("[Locked]", _cli.Error);
        Assert.Empty(_cli.Out);
        Assert.Equal(ExitCode.Locked, await _cli.RunAsync("sync", "--json"));
        Assert.Equal(["failed", "finished"], _cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(10, _cli.Json[^1].GetProperty("exitCode").GetInt32());
        Assert.Equal(1, _cli.Json[^1].GetProperty("failed").GetInt32());
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("plan"));
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("retry --all")]
    [InlineData("watch")]
    [InlineData("source accept")]
    [InlineData("destination accept nas")]
    public async Task A_command_that_waits_says_so_and_ends_with_10_when_the_time_is_up(string words)
    {
        _cli.Job().Declare("a.m4a", "audio").Write();
        await _cli.RunAsync("sync");
        using var held = WorkLock.Acquire(_cli.Folder["work"]);
        Assert.Equal(ExitCode.Locked, await _cli.RunAsync([.. words.Split(' '), "--wait", "1ms"]));
        Assert.Contains("NasSync waits up to 1ms.", _cli.Out + _cli.Error);
        Assert.Contains("it was waited for 1ms.", _cli.Error);
    }

    [Fact]
    public async Task A_time_that_is_none_is_a_mistake_of_the_words()
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", "--wait", "soon"));
        Assert.Contains("--wait: 'soon' is no duration", _cli.Error);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("sync --json")]
    [InlineData("plan --json")]
    public async Task A_stop_ends_with_130_and_says_so(string words)
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Stopped, await _cli.RunAsync(words.Split(' '), stop.Token));
        if (!words.Contains("json", StringComparison.Ordinal))
        {
            Assert.StartsWith("stopped: ", _cli.Lines[^1]);
            return;
        }

        Assert.True(_cli.Json[^1].GetProperty("stopped").GetBoolean());
        Assert.Equal(130, _cli.Json[^1].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task A_folder_without_manifests_is_said()
    {
        _cli.Folder.MakeFolder("outputs");
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains("No manifest.json was found", _cli.Error);
    }

    [Fact]
    public async Task A_path_that_is_not_there_fails_and_names_it()
    {
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync", "nowhere"));
        Assert.Contains(_cli.Folder["nowhere"], _cli.Out);
        Assert.Contains("[PathNotFound]", _cli.Out);
    }

    [Fact]
    public async Task A_plan_says_which_sources_go_and_no_others()
    {
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              routes:
                - { match: { kind: audio }, to: ["./nas/one", "./nas/two"], release: delete }
                - { match: { kind: video }, to: "./nas/video" }
            """);
        foreach (var root in (string[])["nas/one", "nas/two", "nas/video"]) _cli.Folder.MakeFolder(root);
        _cli.Job().Add("goes.m4a", "audio", declare: true).Add("stays.mp4", "video").Declare("missing.m4a", "audio").Write();

        await _cli.RunAsync("plan");
        var line = Assert.Single(_cli.Lines, line => line.Contains("remove its source", StringComparison.Ordinal));
        Assert.Contains("goes.m4a", line, StringComparison.Ordinal);
        Assert.Contains("1 source to remove", _cli.Lines[^1], StringComparison.Ordinal);
        var plan = _cli.Out;
        await _cli.RunAsync("sync", "--dry-run");
        Assert.Equal(plan, _cli.Out);

        await _cli.RunAsync("plan", "--json");
        Assert.Equal(
            ["goes.m4a", "goes.m4a"],
            _cli.Json.Where(line => line.TryGetProperty("removesSource", out var removes) && removes.GetBoolean())
                .Select(line => line.GetProperty("artifact").GetString()));

        Assert.Equal(1, _cli.Json[^1].GetProperty("released").GetInt32());

        // A copy that the run leaves out keeps the source.
        string[] narrow = ["outputs/job_1", "--artifact", "goes.m4a", "--target", "./nas/one/goes.m4a"];
        await _cli.RunAsync(["plan", .. narrow]);
        Assert.Contains("1 to copy", _cli.Lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("remove", _cli.Out, StringComparison.Ordinal);
        await _cli.RunAsync(["sync", .. narrow]);
        Assert.True(File.Exists(_cli.Folder["outputs/job_1/goes.m4a"]));

        // The run that makes the other copy reads this one again, and then the source goes.
        await _cli.RunAsync("plan");
        Assert.Contains("1 already there, 1 source to remove", _cli.Lines[^1], StringComparison.Ordinal);
        await _cli.RunAsync("sync");
        Assert.False(File.Exists(_cli.Folder["outputs/job_1/goes.m4a"]));
        await _cli.RunAsync("plan");
        Assert.DoesNotContain("remove its source", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("to remove", _cli.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_for_single_artifacts_or_targets_leaves_the_others_and_the_job_where_they_are()
    {
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              finishedJobs: remove
              routes: [{ to: ["./nas/one", "./nas/two"], release: delete }]
            """);
        foreach (var root in (string[])["nas/one", "nas/two"]) _cli.Folder.MakeFolder(root);
        _cli.Job().Add("a.m4a", "audio", declare: true).Add("deep/b.m4a", "audio", declare: true).Write();
        _cli.Job("job_2").Add("a.m4a", "audio", declare: true).Write();
        var target = _cli.Folder["nas/one/b.m4a"];

        await _cli.RunAsync("plan", "outputs/job_1", "--artifact", "deep/b.m4a", "--target", target, "--json");
        Assert.Equal([target], _cli.Json.Where(line => line.TryGetProperty("action", out _)).Select(line => line.GetProperty("target").GetString()));
        Assert.DoesNotContain(_cli.Json, line => line.GetProperty("event").GetString() == "planJob");

        await _cli.RunAsync("sync", "outputs/job_1", "--artifact", "deep/b.m4a", "--target", target);
        Assert.Equal(["one/b.m4a"], Copies());
        await _cli.RunAsync("sync", "outputs/job_1/manifest.json", "--artifact", "deep/b.m4a");
        Assert.Equal(["one/b.m4a", "two/b.m4a"], Copies());

        // With its last copy, whichever run makes that, a source goes as its route says.
        Assert.Equal(
            ["a.m4a", "manifest.json"],
            Directory.GetFiles(_cli.Folder["outputs/job_1"], "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", "outputs/job_1", "--artifact", "c.m4a"));
        Assert.Contains("does not list 'c.m4a'", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cli.Folder["outputs"]));

        IEnumerable<string> Copies() => Directory.EnumerateFiles(_cli.Folder["nas"], "*.m4a", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_cli.Folder["nas"], file)).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("sync", "outputs/job_1")]
    [InlineData("sync", "outputs")]
    [InlineData("plan", "outputs/job_1")]
    [InlineData("plan", "outputs")]
    [InlineData("verify", "outputs/job_1")]
    [InlineData("verify", "outputs")]
    public async Task A_name_that_means_nothing_is_a_wrong_word_and_what_there_is_is_listed(string command, string path)
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Add("deep/b.m4a", "audio").Write();
        if (command == "verify") await _cli.RunAsync("sync");

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(command, path, "--artifact", "deep/x", "--json"));
        Says("ArtifactUnknown", "'a.m4a', 'deep/b.m4a'");
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(command, path, "--artifact", "a.m4", "--json"));
        Says("ArtifactUnknown", "did you mean 'a.m4a'?");
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(command, path, "--artifact", "a.m4a", "--target", "/nope", "--json"));
        Says("TargetUnknown", $"'{_cli.Folder["nas/Audio/a.m4a"]}'");
        if (command != "verify") Assert.False(Directory.Exists(_cli.Folder["nas"]));

        void Says(string code, string text)
        {
            var failed = Assert.Single(_cli.Json, line => line.GetProperty("event").GetString() == "failed");
            Assert.Equal(code, failed.GetProperty("code").GetString());
            Assert.Contains(text, failed.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sync", "outputs outputs/job_1")]
    [InlineData("plan", "outputs/job_1/manifest.json outputs/job_1 outputs")]
    [InlineData("verify", "outputs outputs/job_1")]
    public async Task An_artifact_or_a_target_that_is_named_twice_is_found_by_each_of_its_names(string command, string paths)
    {
        _cli.Folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              destinations: { one: { type: local, root: "{{_cli.Folder.MakeFolder("nas")}}" } }
              routes: [{ to: "one:x" }]
            """);
        _cli.Job().Add("deep/b.m4a", "audio").Write();
        if (command == "verify") await _cli.RunAsync("sync");

        foreach (var targets in (string[][])[[], ["--target", "one:x/b.m4a", "--target", "one:X/b.m4a"]])
        {
            Assert.Equal(ExitCode.Ok, await _cli.RunAsync([command, .. paths.Split(' '), "--artifact", "deep/b.m4a", "--json", .. targets]));
            Assert.DoesNotContain(_cli.Json, line => line.GetProperty("event").GetString() == "failed");
        }
    }

    [Fact]
    public async Task An_artifact_may_begin_with_a_dash_or_a_dot_and_a_target_is_compared_as_the_configuration_compares()
    {
        _cli.WriteConfig();
        _cli.Folder.MakeFolder("nas");
        _cli.Job().Add("-x.m4a", "audio").Add("deep/b.m4a", "audio").Write();
        foreach (var target in (string[])[_cli.Folder["nas"] + "//AUDIO/./b.m4a/", "./nas/Audio/b.m4a"])
        {
            await _cli.RunAsync("plan", "outputs/job_1", "--artifact", "./deep//b.m4a", "--target", target, "--json");
            Assert.Equal("deep/b.m4a", Assert.Single(_cli.Json, line => line.TryGetProperty("action", out _)).GetProperty("artifact").GetString());
        }

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sync", "outputs", "--artifct=-x.m4a"));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "outputs", "--artifact=-x.m4a"));
        Assert.Equal(["-x.m4a"], Directory.GetFiles(_cli.Folder["nas/Audio"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_copy_beside_one_that_someone_changed_says_why_it_has_another_name()
    {
        _cli.Job().Add("a.m4a", "audio").Write();
        await _cli.RunAsync("sync");
        File.WriteAllText(_cli.Folder["nas/Audio/a.m4a"], "changed by someone");
        await _cli.RunAsync("sync", "--force");
        Assert.Contains(_cli.Lines, line => line.Contains("copied, fsynced: a copy that someone changed is kept", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_of_commands_shows_what_may_be_left_out()
    {
        await _cli.RunAsync("--help");
        var list = _cli.Lines.SkipWhile(line => line != "Commands:").Skip(1).ToList();
        Assert.Equal(12, list.Count);
        var column = list[0].IndexOf("Copy, verify and record.", StringComparison.Ordinal);
        Assert.StartsWith("  sync [<PATH>...]  ", list[0], StringComparison.Ordinal);
        Assert.Contains(list, line => line.StartsWith("  retry [<ID>...]  ", StringComparison.Ordinal));
        Assert.All(list, line => Assert.True(line[..column].EndsWith("  ", StringComparison.Ordinal) && line[column] != ' ', line));

        await _cli.RunAsync();
        Assert.Contains("  sync [<PATH>...]  ", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_file_gets_the_events_of_a_run_and_nothing_of_a_plan()
    {
        _cli.Folder.MakeFolder("nas");
        _cli.WriteConfig("  logFile: logs/sync.jsonl");
        _cli.Job().Add("a.m4a", "audio").Write();
        await _cli.RunAsync("plan");
        Assert.False(Directory.Exists(_cli.Folder["logs"]));
        await _cli.RunAsync("sync");
        var events = File.ReadLines(_cli.Folder["logs/sync.jsonl"])
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString());
        Assert.Equal(["planned", "committed", "finished"], events);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_a_warning()
    {
        _cli.WriteConfig("  logFile: nas-sync.yaml/sync.jsonl");
        _cli.Job().Add("a.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains("warning: The log file", _cli.Error);
        Assert.True(File.Exists(_cli.Folder["nas/Audio/a.m4a"]));
    }

    [Fact]
    public async Task A_thousand_items_give_a_short_table_and_all_the_numbers()
    {
        var job = _cli.Job();
        for (var i = 0; i < 1000; i++) job.Add($"{i}.m4a", "audio", content: [1]);
        job.Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.InRange(_cli.Lines.Length, 200, 210);
        Assert.Contains("… and 800 items more without failure; --json lists every one", _cli.Lines);
        Assert.StartsWith("1 job, 1,000 copied (1000 B), 0 failed", _cli.Lines[^1]);
    }
}
