using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class RetryCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Only_what_failed_is_tried_again_and_of_that_what_was_named()
    {
        await FailThreeAsync();
        var first = Failures().Single(failure => failure.Artifact == "one.m4a").Id;
        Write("one.m4a", "two.m4a");
        File.WriteAllText(_cli.Folder["outputs/job_1/there.m4a"], "changed meanwhile, which a sync would carry");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", $"{first}", "--json"));

        Assert.Equal(
            ["one.m4a"],
            _cli.Json.Where(line => line.GetProperty("event").GetString() == "committed").Select(line => line.GetProperty("artifact").GetString()));
        Assert.Equal(["three.m4a", "two.m4a"], Failures().Select(failure => failure.Artifact).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task All_of_it_is_tried_again_on_demand()
    {
        await FailThreeAsync();
        Write("one.m4a", "two.m4a");

        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("retry", "--all"));

        Assert.Contains("1 job, 2 copied", _cli.Out, StringComparison.Ordinal);
        var left = Assert.Single(Failures());
        Assert.Equal(("three.m4a", 2), (left.Artifact, left.Attempts));
    }

    [Theory]
    [InlineData("route", false, "no route leads there any more; it goes to ")]
    [InlineData("manifest", true, "its manifest does not list it any more")]
    [InlineData("job", false, "is of job 'job_9' now")]
    [InlineData("no route", true, "no route takes it any more")]
    public async Task What_cannot_be_tried_again_is_said_with_the_reason_and_how_to_forget_it(string changed, bool isForgotten, string why)
    {
        _cli.WriteConfig();
        _cli.Job().Declare("one.m4a", "audio").Add("two.m4a", "audio").Write();
        await _cli.RunAsync("sync");
        var failure = Assert.Single(Failures());
        if (changed == "route") _cli.Folder.Write("nas-sync.yaml", "nasSync: { outputsDir: outputs, workDir: work, routes: [{ to: ./nas/Other }] }");
        if (changed == "no route") _cli.Folder.Write(
            "nas-sync.yaml",
            "nasSync: { outputsDir: outputs, workDir: work, routes: [{ match: { kind: video }, to: ./nas/Other }] }");
        if (changed == "manifest") _cli.Job().Add("two.m4a", "audio").Write();
        if (changed == "job") new SampleJob(_cli.Folder["outputs"], "job_9").Declare("one.m4a", "audio").Write();
        if (changed == "job") File.Move(_cli.Folder["outputs/job_9/manifest.json"], _cli.Folder["outputs/job_1/manifest.json"], overwrite: true);

        Assert.Equal(isForgotten ? ExitCode.Ok : ExitCode.FailedForGood, await _cli.RunAsync("retry", $"{failure.Id}", "--dry-run"));
        Assert.Equal(isForgotten, _cli.Error.Contains("would be forgotten", StringComparison.Ordinal));
        Assert.Single(Failures());
        Assert.Equal(isForgotten ? ExitCode.Ok : ExitCode.FailedForGood, await _cli.RunAsync("retry", $"{failure.Id}"));

        Assert.Contains(why, isForgotten ? _cli.Error : _cli.Out, StringComparison.Ordinal);
        Assert.Equal(isForgotten ? 0 : 1, Failures().Count);
        if (isForgotten) return;
        Assert.Contains("[RetryImpossible]", _cli.Out, StringComparison.Ordinal);
        Assert.Contains($"nassync retry --forget {failure.Id}", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--forget", $"{failure.Id}"));
        Assert.Empty(Failures());
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("sync")]
    public async Task A_failure_at_a_misspelt_root_is_overcome_once_the_copy_is_made_at_the_right_one(string command)
    {
        _cli.Folder.Write("nas/rael", "");
        _cli.Job().Add("one.m4a", "audio").Write();
        Configure("rael");
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync"));
        Assert.Equal("NotAFolder", Assert.Single(Failures()).Failure.Code);

        _cli.Folder.MakeFolder("nas/real");
        Configure("real");
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync(command == "retry" ? ["retry", "--all"] : ["sync"]));

        Assert.True(File.Exists(_cli.Folder["nas/real/audio/one.m4a"]));
        Assert.Empty(Failures());

        void Configure(string root) => _cli.Folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              destinations: { one: { type: local, root: ./nas/{{root}} } }
              routes: [{ to: "one:audio" }]
            """);
    }

    [Fact]
    public async Task A_failure_at_a_folder_where_no_route_leads_any_more_is_forgotten_by_the_run_that_copies_elsewhere()
    {
        _cli.Folder.Write("nas/rael", "");
        _cli.Job().Add("one.m4a", "audio").Write();
        Configure("rael");
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync"));
        _cli.Folder.MakeFolder("nas/real");
        Configure("real");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));

        Assert.Empty(Failures());

        void Configure(string root) =>
            _cli.Folder.Write("nas-sync.yaml", $$"""nasSync: { outputsDir: outputs, workDir: work, routes: [{ to: "./nas/{{root}}/audio" }] }""");
    }

    [Fact]
    public async Task A_run_for_one_target_leaves_the_failure_at_another_one_on_the_list()
    {
        _cli.Folder.Write("nas/rael", "");
        _cli.Job().Add("one.m4a", "audio").Write();
        Configure("rael");
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync"));
        Configure("real");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "outputs/job_1", "--artifact", "one.m4a", "--target", "./nas/a/one.m4a"));

        Assert.Single(Failures());
        Assert.False(File.Exists(_cli.Folder["nas/real/one.m4a"]));

        void Configure(string root)
        {
            _cli.Folder.Write(
                "nas-sync.yaml",
                $$"""nasSync: { outputsDir: outputs, workDir: work, routes: [{ to: ["./nas/a", "./nas/{{root}}"] }] }""");
            _cli.Folder.MakeFolder("nas/a");
        }
    }

    [Fact]
    public async Task A_manifest_that_could_not_be_read_is_tried_as_a_whole()
    {
        _cli.WriteConfig();
        var manifest = _cli.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        var whole = File.ReadAllText(manifest);
        File.WriteAllText(manifest, whole[..40]);
        await _cli.RunAsync("sync");
        var failure = Assert.Single(Failures());
        Assert.Equal((manifest, false), (failure.ManifestPath, failure.IsParked));
        File.WriteAllText(manifest, whole);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", $"{failure.Id}"));

        Assert.Contains("2 copied", _cli.Out, StringComparison.Ordinal);
        Assert.Empty(Failures());
    }

    [Fact]
    public async Task A_source_stays_while_a_copy_that_was_not_retried_is_missing()
    {
        _cli.Folder.Write("blocked", "");
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              routes:
                - to: ["./blocked/one", "./blocked/two"]
                  release: delete
            """);
        var job = _cli.Job().Add("a.m4a", "audio");
        job.Write();
        await _cli.RunAsync("sync");
        Assert.Equal(2, Failures().Count);
        File.Delete(_cli.Folder["blocked"]);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", $"{Failures()[0].Id}"));

        Assert.Single(Failures());
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));

        // For the copy of the first retry only the ledger speaks; the next run reads both and releases the source.
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--all"));
        Assert.True(File.Exists(Path.Combine(job.Folder, "a.m4a")));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.False(File.Exists(Path.Combine(job.Folder, "a.m4a")));
    }

    [Fact]
    public async Task An_unknown_id_is_named_and_nothing_is_tried()
    {
        await FailThreeAsync();
        Write("one.m4a");
        var known = Failures()[0].Id;

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("retry", $"{known}", "4711"));

        Assert.Contains("no failure 4711", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(3, Failures().Count);
    }

    [Theory]
    [InlineData("Give the IDs of failures", "retry")]
    [InlineData("'x1' is no id", "retry", "x1")]
    [InlineData("either IDs or --all", "retry", "1", "--all")]
    public async Task Wrong_words_are_said(string message, params string[] args)
    {
        _cli.WriteConfig();

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(args));
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_failed_there_is_nothing_to_do()
    {
        _cli.WriteConfig();

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--all"));
        Assert.Contains("Nothing failed", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_says_when_it_is_tried_again_or_that_it_is_parked()
    {
        await FailThreeAsync();
        _cli.Job("job_2").Declare("x", "audio").Write();
        _cli.Folder.Write("outputs/job_3/manifest.json", "{\"job_id\": \"jo");
        await _cli.RunAsync("sync");

        await _cli.RunAsync("status", "--failed");
        Assert.Contains("parked", _cli.Out, StringComparison.Ordinal);
        await _cli.RunAsync("status", "--failed", "--json");
        var lines = _cli.Json.Where(line => line.GetProperty("event").GetString() == "failure").ToList();
        Assert.All(lines, line => Assert.Equal(line.GetProperty("transient").GetBoolean(), !line.GetProperty("parked").GetBoolean()));
        Assert.All(lines, line =>
            Assert.Equal(line.GetProperty("parked").GetBoolean(), line.GetProperty("nextAt").ValueKind == System.Text.Json.JsonValueKind.Null));
        Assert.All(lines, line => Assert.EndsWith("manifest.json", line.GetProperty("manifest").GetString(), StringComparison.Ordinal));
        Assert.Equal([false, true], lines.Select(line => line.GetProperty("parked").GetBoolean()).Distinct().Order());
    }

    [Fact]
    public async Task What_failed_is_forgotten_on_demand_and_no_file_is_touched()
    {
        await FailThreeAsync();
        Write("one.m4a");
        var first = Failures().Single(failure => failure.Artifact == "one.m4a").Id;

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--forget", $"{first}", "--dry-run"));
        Assert.Contains($"would forget {first}: job_1: one.m4a", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(3, Failures().Count);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--forget", $"{first}"));
        Assert.Contains($"forgot {first}: job_1: one.m4a", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(["three.m4a", "two.m4a"], Failures().Select(failure => failure.Artifact).Order(StringComparer.Ordinal));
        Assert.False(File.Exists(_cli.Folder["nas/Audio/one.m4a"]));

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--forget", "--all", "--json"));
        Assert.Equal(["forgotten", "forgotten", "finished"], _cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal((2, 0), (_cli.Json[^1].GetProperty("forgotten").GetInt32(), _cli.Json[^1].GetProperty("exitCode").GetInt32()));
        Assert.Empty(Failures());

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("retry", "--forget", "--all"));
        Assert.Contains("nothing to forget", _cli.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry --forget --all")]
    [InlineData("retry --all")]
    public async Task Where_the_configuration_says_dry_run_the_last_line_says_so_too(string words)
    {
        await FailThreeAsync();
        File.AppendAllText(_cli.Folder["nas-sync.yaml"], "\n  dryRun: true\n");
        await _cli.RunAsync([.. words.Split(' '), "--json"]);
        Assert.True(_cli.Json[^1].GetProperty("dryRun").GetBoolean());
        Assert.Equal(3, Failures().Count);

        // Also where there is nothing to do.
        File.Delete(Path.Combine(_cli.Folder["work"], NasSync.Ledgers.Ledger.FileName));
        await _cli.RunAsync([.. words.Split(' '), "--json"]);
        Assert.True(_cli.Json[^1].GetProperty("dryRun").GetBoolean());
    }

    [Fact]
    public async Task An_unknown_id_is_named_and_nothing_is_forgotten()
    {
        await FailThreeAsync();

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("retry", "--forget", $"{Failures()[0].Id}", "4711", "--json"));

        Assert.Contains("no failure 4711", _cli.Error, StringComparison.Ordinal);
        Assert.Equal((0, 2), (_cli.Json[^1].GetProperty("forgotten").GetInt32(), _cli.Json[^1].GetProperty("exitCode").GetInt32()));
        Assert.Equal(3, Failures().Count);
    }

    [Fact]
    public async Task Nothing_is_forgotten_while_another_run_is_at_work()
    {
        await FailThreeAsync();
        using var held = WorkLock.Acquire(_cli.Folder["work"]);
        Assert.Equal(ExitCode.Locked, await _cli.RunAsync("retry", "--forget", "--all"));
        Assert.Equal(3, Failures().Count);
    }

    // Three artifacts that are listed and not there, beside one that is.
    private async Task FailThreeAsync()
    {
        _cli.WriteConfig();
        _cli.Job().Add("there.m4a", "audio").Declare("one.m4a", "audio").Declare("two.m4a", "audio").Declare("three.m4a", "audio").Write();
        await _cli.RunAsync("sync");
        Assert.Equal(3, Failures().Count);
    }

    private void Write(params string[] names)
    {
        foreach (var name in names) File.WriteAllText(_cli.Folder[$"outputs/job_1/{name}"], name);
    }

    private IReadOnlyList<RecordedFailure> Failures()
    {
        using var ledger = Ledger.OpenReadOnly(_cli.Folder["work"]);
        return ledger.Failures();
    }
}
