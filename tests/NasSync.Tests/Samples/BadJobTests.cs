using NasSync.Tests.Support;

namespace NasSync.Tests.Samples;

/// <summary>A bad job among good ones: it gets a message and an exit code of its own, and the good ones are synced.</summary>
public sealed class BadJobTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _outputs;

    public BadJobTests()
    {
        _outputs = _folder.MakeFolder("outputs");
        _folder.Write("nas-sync.yaml", """
            nasSync:
              outputsDir: ./outputs
              workDir: ./work
              remoteRoots: { audio: ./nas }
              routes:
                - match: { kind: audio }
                  to: "${remoteRoots.audio}/${jobId}"
            """);
        new SampleJob(_outputs, "job_1_good").Add("a.m4a", "audio").Write();
        new SampleJob(_outputs, "job_9_good").Add("z.m4a", "audio").Write();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_path_that_leads_out_of_the_job_is_a_safety_stop()
    {
        new SampleJob(_outputs, "job_5").Declare("../../etc/passwd", "audio").Write();
        await ExpectAsync(ExitCode.SafetyStop, "EscapesJob", "../../etc/passwd");
    }

    [Fact]
    public async Task A_symbolic_link_to_outside_the_job_is_a_safety_stop()
    {
        var job = new SampleJob(_outputs, "job_5").Declare("link.m4a", "audio");
        File.CreateSymbolicLink(Path.Combine(job.Folder, "link.m4a"), _folder.Write("secret.txt", "secret"));
        job.Write();
        await ExpectAsync(ExitCode.SafetyStop, "EscapesJob", "link.m4a");
        Assert.DoesNotContain(_folder.Files("nas"), file => file.Sha256 == TempFolder.Sha256Of(_folder["secret.txt"]));
    }

    [Fact]
    public async Task A_manifest_that_ends_in_the_middle_is_tried_again()
    {
        var manifest = new SampleJob(_outputs, "job_5").Add("a.m4a", "audio").Write();
        File.WriteAllText(manifest, File.ReadAllText(manifest)[..^30]);
        await ExpectAsync(ExitCode.WillRetry, "ManifestIncomplete", manifest);
    }

    [Fact]
    public async Task Of_two_artifacts_for_one_target_neither_is_sent()
    {
        new SampleJob(_outputs, "job_5").Add("one/same.m4a", "audio").Add("two/Same.m4a", "audio").Write();
        await ExpectAsync(ExitCode.FailedForGood, null, "ame.m4a", failed: 2);
    }

    private async Task ExpectAsync(ExitCode exitCode, string? code, string named, int failed = 1)
    {
        var run = await Nassync.RunAsync("sync", "--json", "--config", _folder["nas-sync.yaml"]);

        Assert.True((int)exitCode == run.ExitCode, run.Out + run.Error);
        var failures = run.Of("failed");
        Assert.Equal(failed, failures.Count);
        Assert.All(failures, failure => Assert.Contains(named, failure.GetProperty("message").GetString()));
        Assert.All(failures, failure => Assert.NotEmpty(failure.GetProperty("hint").GetString()!));
        if (code is not null) Assert.Equal(code, failures[0].GetProperty("code").GetString());
        Assert.Equal(["job_1_good/a.m4a", "job_9_good/z.m4a"], _folder.Files("nas").Select(file => file.Path));
    }
}
