using NasSync.Failures;
using NasSync.Tests.Support;
using NasSync.Tests.Verifying;
using NasSync.Transfers;

namespace NasSync.Tests.Service;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task All_intact_is_one_line_and_exit_code_0()
    {
        await SyncAsync();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify"));
        Assert.Matches(@"^3 copies verified \(\d+ B read\): 3 intact in [\d.]+ s\n$", _cli.Out);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify", "--quick"));
        Assert.Matches(@"^3 copies verified \(0 B read\): 3 present in ", _cli.Out);
    }

    [Fact]
    public async Task What_is_lost_is_shown_with_what_a_repair_would_do_and_a_plan_carries_it_out()
    {
        await SyncAsync();
        Lose();
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify"));
        Assert.Matches(@"job_1 +a\.m4a +.*/nas/Audio/a\.m4a +11 B +- +MISSING: ", _cli.Out);
        Assert.Matches(@"job_1 +b\.m4a +.*/nas/Audio/b\.m4a +11 B +read back +DAMAGED: ", _cli.Out);
        Assert.Contains("made again from", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("nassync verify --plan FILE", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("c.m4a", _cli.Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify", "--plan", "plan.json"));
        Assert.Contains("nassync sync --repair '", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--repair", "plan.json", "--dry-run"));
        Assert.Contains("2 to copy", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--repair", "plan.json"));
        Assert.Contains("2 copied", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify"));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
        Assert.Contains("3 unchanged", _cli.Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--repair", "plan.json"));
        Assert.Contains("skipped: the ledger's entry of this copy has changed since it was verified", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_of_another_ledger_is_not_taken_for_one_that_time_has_overtaken()
    {
        await SyncAsync();
        Lose();
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify", "--plan", "plan.json"));
        Directory.Move(_cli.Folder["work"], _cli.Folder["another"]);
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync", "--repair", "plan.json"));
        Assert.Contains("the plan may be of another ledger", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("[RepairUnknown]", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("skipped", _cli.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_a_line_for_each_copy_and_the_sums_last()
    {
        await SyncAsync();
        Lose();
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify", "--json", "--plan", "plan.json"));
        Assert.Equal(["finding", "finding", "finding", "verified"], _cli.Json.Select(line => line.GetProperty("event").GetString()));
        var damaged = _cli.Json.Single(line => line.TryGetProperty("artifact", out var artifact) && artifact.GetString() == "b.m4a");
        Assert.Equal(
            ("damaged", "copy", "readBack"),
            (damaged.GetProperty("state").GetString(), damaged.GetProperty("repair").GetString(), damaged.GetProperty("verifiedBy").GetString()));
        var sums = _cli.Json[^1];
        Assert.Equal(
            (3, 1, 1, 1, 2, 6),
            (Number("copies"), Number("intact"), Number("missing"), Number("damaged"), Number("planned"), Number("exitCode")));

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync", "--json", "--repair", "plan.json"));
        Assert.Equal(["committed", "committed", "finished"], _cli.Json.Select(line => line.GetProperty("event").GetString()));

        int Number(string name) => sums.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_sample_prints_the_seed_by_which_it_is_had_again()
    {
        await SyncAsync();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify", "--sample", "34%", "--json"));
        var (artifacts, seed) = (Artifacts(), _cli.Json[^1].GetProperty("seed").GetInt32());
        Assert.Equal(2, artifacts.Count);
        await _cli.RunAsync("verify", "--sample", "2", "--seed", $"{seed}", "--json");
        Assert.Equal(artifacts, Artifacts());
        await _cli.RunAsync("verify", "--sample", "2", "--seed", "7");
        Assert.Contains("2 copies of 3 (seed 7) verified", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_without_a_copy_is_said_and_not_taken_for_a_job_that_is_well()
    {
        await SyncAsync();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify", "--job", "job_1"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "--job", "Job_1"));
        Assert.Contains("no copy of a job 'Job_1' (case counts): did you mean 'job_1'?", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_not_mounted_is_exit_code_7()
    {
        await SyncAsync();
        Directory.Move(_cli.Folder["nas"], _cli.Folder["unmounted"]);
        Directory.CreateDirectory(_cli.Folder["nas/Audio"]);
        Assert.Equal(ExitCode.DestinationUnavailable, await _cli.RunAsync("verify"));
        Assert.Contains("UNREACHABLE", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("3 unreachable", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Repair", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("0 of 3 copies verified", _cli.Out, StringComparison.Ordinal);

        Directory.Delete(_cli.Folder["nas"], recursive: true);
        Assert.Equal(ExitCode.DestinationUnavailable, await _cli.RunAsync("verify"));
        Assert.Contains("so nothing is said of the copy", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing was written", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_no_repair_can_make_again_is_told_with_the_cure_that_works()
    {
        _cli.Folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: outputs
              workDir: work
              routes: [{ to: ["./nas/one", "./nas/two"] }]
            """);
        _cli.Job().Add("a.m4a", "audio").Write();
        await _cli.RunAsync("sync");
        Directory.Delete(_cli.Folder["outputs/job_1"], recursive: true);
        var (one, two) = (_cli.Folder["nas/one/a.m4a"], _cli.Folder["nas/two/a.m4a"]);
        File.Delete(one);

        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify"));
        Assert.Contains("Repair: 0 copies of 1", _cli.Out, StringComparison.Ordinal);
        Assert.Contains(
            $"another copy at {two}: copy one that verify found intact back by hand, or a backup, then verify again",
            _cli.Out,
            StringComparison.Ordinal);
        Assert.DoesNotContain("--repair", _cli.Out, StringComparison.Ordinal);

        await _cli.RunAsync("verify", "--plan", "plan.json");
        Assert.DoesNotContain("--repair", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("sync", "--repair", "plan.json"));
        Assert.Contains(
            "copy one that verify found intact back by hand, or a backup, then verify again. [JobGone]", _cli.Out, StringComparison.Ordinal);

        File.Copy(two, one);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify"));
    }

    [Fact]
    public async Task Single_artifacts_and_targets_of_the_jobs_that_are_named_are_looked_at()
    {
        await SyncAsync();
        var target = _cli.Folder["nas/Audio/a.m4a"];
        foreach (var args in (string[][])[["--artifact", "a.m4a"], ["--artifact", "a.m4a", "--target", target]])
        {
            Assert.Equal(ExitCode.Ok, await _cli.RunAsync(["verify", "outputs/job_1", "--json", .. args]));
            Assert.Equal(["a.m4a"], Artifacts());
        }
    }

    [RequiresFact("linux")]
    public async Task A_plan_that_cannot_be_written_is_refused_before_anything_is_read_with_the_true_cause()
    {
        await SyncAsync();
        File.WriteAllText(_cli.Folder["real.json"], "");
        File.CreateSymbolicLink(_cli.Folder["link.json"], "real.json");
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "--plan", "link.json"));
        Assert.Contains("that is a symbolic link, to 'real.json'", _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out);
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "--plan", "nope/x.json"));
        Assert.Contains($"'{_cli.Folder["nope"]}' is not there", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, FailureTable.Failures.Where(code => code.Code.StartsWith("RepairPlan", StringComparison.Ordinal))
            .Select(code => ExitCodes.Of(new Failure(code.Classes[0], code.Code, "", ""))).Distinct().Single());
    }

    [Fact]
    public async Task Copies_are_chosen_by_path_job_and_destination()
    {
        await SyncAsync();
        foreach (var (args, copies) in new (string[] Args, int Copies)[]
        {
            (["outputs/job_1"], 2), (["outputs"], 3), (["--job", "job_2"], 1), (["--destination", "local"], 3), (["--destination", "./nas"], 3),
            (["--destination", "./nas/Audio"], 3),
        })
        {
            Assert.Equal(ExitCode.Ok, await _cli.RunAsync(["verify", "--json", .. args]));
            Assert.Equal(copies, _cli.Json[^1].GetProperty("verified").GetInt32());
        }

        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "--destination", "./elsewhere"));
        Assert.Contains(
            $"no such copy at or below '{_cli.Folder["elsewhere"]}': it has copies at '{_cli.Folder["nas"]}", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("DestinationUnknown", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify", "outputs/none"));
        Assert.Contains("PathNotFound", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("--job", _cli.Out, StringComparison.Ordinal);

        // As a finished job's folder is cleared away.
        Directory.Delete(_cli.Folder["outputs/job_2"], recursive: true);
        foreach (var path in (string[])["outputs/job_2", "outputs/job_2/", "outputs/job_2/manifest.json"])
        {
            Assert.Equal(ExitCode.FailedForGood, await _cli.RunAsync("verify", path));
            Assert.Contains($"the ledger has copies of a job 'job_2'.", _cli.Out, StringComparison.Ordinal);
            Assert.Contains("nassync verify --job 'job_2' [PathNotFound]", _cli.Out, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify", "--job", "job_2"));
    }

    [Theory]
    [InlineData("outputs/job_1 --artifact deep/a.m4a --target two:y/job_1/a.m4a --destination one")]
    [InlineData("outputs --job job_2 --artifact deep/a.m4a")]
    [InlineData("outputs/job_2 --destination ./nas/T1/x/job_1")]
    public async Task A_name_that_means_a_copy_which_another_option_leaves_out_is_not_unknown(string words)
    {
        await SyncToNamedAsync();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync(["verify", .. words.Split(' ')]));
        Assert.Equal("nothing to verify: the ledger has no such copy\n", _cli.Out);
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "outputs", "--job", "job_2", "--artifact", "deep/none.m4a"));
    }

    [Theory]
    [InlineData("/", 6)]
    [InlineData("./nas", 6)]
    [InlineData("./nas/T1", 4)]
    [InlineData("./nas/T1/", 4)]
    [InlineData("./nas/T1/x", 4)]
    [InlineData("./nas/T1/x/job_1", 1)]
    [InlineData("./nas/T1/x/job_1/a.m4a", 1)]
    [InlineData("./nas/T1/x/job_1 ./nas/T2", 3)]
    [InlineData("./nas/T1/x/deep one", 4)]
    public async Task A_folder_means_every_copy_at_or_below_it_however_the_destination_there_is_called(string folders, int copies)
    {
        await SyncToNamedAsync();
        var named = folders.Split(' ').SelectMany(folder => (string[])["--destination", folder]);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync(["verify", "--json", .. named]));
        Assert.Equal((copies, copies), (_cli.Json[^1].GetProperty("copies").GetInt32(), _cli.Json[^1].GetProperty("verified").GetInt32()));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("verify", "--destination", "./nas/T1/x/job"));
    }

    [Theory]
    [InlineData("verify --sample 0%", "'0%' is neither")]
    [InlineData("verify --plan .", "that is a folder")]
    [InlineData("verify --artifact a.m4a", "give a PATH too")]
    [InlineData("sync outputs --target x", "give one --artifact too")]
    [InlineData("plan outputs --artifact a.m4a --artifact b.m4a --target x", "give one --artifact too")]
    [InlineData("sync --artifact a.m4a --repair plan.json", "give a PATH too")]
    [InlineData("verify --seed 3", "give --sample too")]
    [InlineData("verify --sample 5% --seed x", "'x' is none")]
    [InlineData("verify --destination vualt", "has no destination 'vualt'")]
    [InlineData("sync outputs --repair plan.json", "either PATHs or --repair")]
    [InlineData("sync --force --repair plan.json", "leave --force out")]
    [InlineData("sync --repair none.json", "RepairPlanNoFile")]
    public async Task Wrong_words_are_told(string words, string told)
    {
        await SyncAsync();
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains(told, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_first_sync_there_is_nothing_to_verify()
    {
        _cli.WriteConfig();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("verify"));
        Assert.Equal("nothing to verify: the ledger has no such copy\n", _cli.Out);
        Assert.False(Directory.Exists(_cli.Folder["work"]));
    }

    private async Task SyncToNamedAsync()
    {
        _cli.Folder.Write("nas-sync.yaml", $$"""
            nasSync:
              outputsDir: outputs
              workDir: work
              destinations:
                one: { type: local, root: "{{_cli.Folder.MakeFolder("nas/T1")}}" }
                two: { type: local, root: "{{_cli.Folder.MakeFolder("nas/T2")}}" }
              routes: [{ to: ["one:x/${jobId}", "two:y/${jobId}", ./nas/T1/x/deep] }]
            """);
        _cli.Job().Add("deep/a.m4a", "audio").Write();
        _cli.Job("job_2").Add("c.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
    }

    private List<string?> Artifacts() =>
        [.. _cli.Json.Where(line => line.GetProperty("event").GetString() == "finding")
            .Select(line => line.GetProperty("artifact").GetString())
            .Order()];

    private void Lose()
    {
        File.Delete(_cli.Folder["nas/Audio/a.m4a"]);
        Verified.Rot(_cli.Folder["nas/Audio/b.m4a"]);
    }

    private async Task SyncAsync()
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Add("b.m4a", "audio").Write();
        _cli.Job("job_2").Add("c.m4a", "audio").Write();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sync"));
    }
}
