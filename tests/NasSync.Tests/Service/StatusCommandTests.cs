using NasSync.Ledgers;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class StatusCommandTests : IDisposable
{
    private readonly Cli _cli = new();

    public StatusCommandTests() => _cli.WriteConfig();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task An_empty_ledger_says_so_and_is_not_made()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("status"));
        Assert.Equal($"nothing was synced yet: the ledger in {_cli.Folder["work"]} is empty\n", _cli.Out);
        Assert.False(Directory.Exists(_cli.Folder["work"]));
    }

    [Fact]
    public async Task Destinations_and_failures_are_listed()
    {
        Fill();
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("status"));
        Assert.Contains(_cli.Lines, line => line.StartsWith("local", StringComparison.Ordinal) && line.Contains("3.0 KiB", StringComparison.Ordinal));
        Assert.Contains("    Remove the link from the job folder. [EscapesJob]", _cli.Lines);
        Assert.Equal("2 copies (3.0 KiB), 1 failure", _cli.Lines[^1]);
    }

    [Fact]
    public async Task One_job_lists_its_copies()
    {
        Fill();
        await _cli.RunAsync("status", "--job", "job_1");
        Assert.Contains(_cli.Lines, line => line.Contains("/mnt/nas/Instrumental/1.m4a", StringComparison.Ordinal));
        Assert.Equal("1 copy of job job_1 (1.5 KiB), 0 failures", _cli.Lines[^1]);
    }

    [Fact]
    public async Task An_unknown_job_is_said_with_the_ones_that_are_known_and_is_no_success()
    {
        Fill();
        foreach (var more in (string[][])[[], ["--json"], ["--failed"]])
        {
            Assert.Equal(ExitCode.Usage, await _cli.RunAsync(["status", "--job", "nope", .. more]));
            Assert.StartsWith(
                "error: The ledger knows nothing of a job 'nope' (case counts): it knows job_1, job_2.\n", _cli.Error, StringComparison.Ordinal);
            Assert.Equal(more is ["--json"] ? 2 : 0, _cli.Lines.Length);
        }

        await _cli.RunAsync("status", "--job", "Job_2");
        Assert.Contains("did you mean 'job_2'?\n", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("status", "--failed", "--job", "job_1"));
        Assert.Equal("nothing of job job_1 failed; nassync verify says which copies are lost", _cli.Lines[^1]);
    }

    [Fact]
    public async Task Failures_alone_can_be_asked_for()
    {
        Fill();
        await _cli.RunAsync("status", "--failed");
        Assert.DoesNotContain("/mnt/nas/Instrumental/1.m4a", _cli.Out);
        Assert.Equal("1 failure", _cli.Lines[^1]);
    }

    [Theory]
    [InlineData("status --json", "destination failure status")]
    [InlineData("status --json --job job_1", "copy status")]
    [InlineData("status --json --failed", "failure status")]
    public async Task As_json_everything_is_a_line_and_the_sums_come_last(string words, string events)
    {
        Fill();
        await _cli.RunAsync(words.Split(' '));
        Assert.Equal(events.Split(' '), _cli.Json.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(words.Contains("--job", StringComparison.Ordinal) ? 1 : 2, _cli.Json[^1].GetProperty("copies").GetInt32());
        Assert.NotEqual(0, _cli.Json[^1].GetProperty("bytes").GetInt64());
    }

    private void Fill()
    {
        using var ledger = Ledger.Open(_cli.Folder["work"]);
        ledger.Record([Copy("job_1", "1.m4a"), Copy("job_2", "2.m4a")]);
        ledger.RecordFailures([new RecordedFailure
        {
            Subject = "job_2/bad.m4a",
            JobId = "job_2",
            Artifact = "bad.m4a",
            Failure = SampleEvents.Failure(),
            FirstAt = SampleEvents.Noon,
            LastAt = SampleEvents.Noon,
        }]);
    }

    private static RecordedCopy Copy(string job, string path) => new()
    {
        JobId = job,
        Artifact = path,
        Requested = SampleEvents.Target(path),
        Target = SampleEvents.Target(path),
        Source = new FileState(1536, 0, 1, 1),
        Receipt = SampleEvents.Receipt(),
        Generation = new string('a', 64),
    };
}
