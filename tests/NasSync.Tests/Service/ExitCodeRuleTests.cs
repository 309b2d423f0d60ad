using NasSync.Failures;
using NasSync.Tests.Support;
using NasSync.Transfers;

namespace NasSync.Tests.Service;

/// <summary>
/// One rule for the exit code of a failure: its code's own in the table, else its class. Errors.Tests.ps1 asks the cmdlets the same.
/// </summary>
public sealed class ExitCodeRuleTests : IDisposable
{
    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_exit_code_of_every_failure_is_that_of_its_row_or_else_of_its_class()
    {
        foreach (var row in FailureTable.Failures)
            foreach (var its in row.Classes)
                Assert.Equal((row.Code, row.ExitCode ?? OfClass(row.Code, its)), (row.Code, ExitCodes.Of(new Failure(its, row.Code, "", ""))));
        Assert.All(
            FailureTable.Failures.Where(row => row.ExitCode == ExitCode.Usage),
            row => Assert.Contains(row.Classes[0], new[] { FailureClass.Gone, FailureClass.Invalid, FailureClass.Config, FailureClass.Conflict }));

        static ExitCode OfClass(string code, FailureClass its) => its switch
        {
            FailureClass.Bug => ExitCode.Unexpected,
            FailureClass.Escape => ExitCode.SafetyStop,
            FailureClass.Unavailable => ExitCode.DestinationUnavailable,
            FailureClass.Transient or FailureClass.Throttled or FailureClass.NoSpace => ExitCode.WillRetry,
            _ => code == Failure.TargetChanged ? ExitCode.WillRetry : ExitCode.FailedForGood,
        };
    }

    [Theory]
    [InlineData("sync --repair nosuch.json", "RepairPlanNoFile", 2)]
    [InlineData("sync --repair outputs", "RepairPlanNoFile", 2)]
    [InlineData("sync --repair nas-sync.yaml", "RepairPlanInvalid", 2)]
    [InlineData("sync nosuch", "PathNotFound", 6)]
    [InlineData("sync outputs/job_1 --artifact nosuch", "ArtifactUnknown", 2)]
    [InlineData("plan outputs/job_1 --artifact a.m4a --target nosuch", "TargetUnknown", 2)]
    [InlineData("destination accept local2", "DestinationUnknown", 2)]
    [InlineData("destination accept ./elsewhere", "NothingToApprove", 2)]
    [InlineData("destination test nosuch", "DestinationUnknown", 2)]
    [InlineData("source accept", "NothingToApprove", 2)]
    [InlineData("retry 4711", "FailureUnknown", 2)]
    [InlineData("retry 4711 --forget", "FailureUnknown", 2)]
    [InlineData("status --job nosuch", "JobNotFound", 2)]
    [InlineData("verify --job nosuch", "JobNotFound", 2)]
    [InlineData("verify --destination nosuch", "DestinationUnknown", 2)]
    [InlineData("verify --destination ./elsewhere", "DestinationUnknown", 2)]
    [InlineData("verify --plan nosuch/plan.json", "RepairPlanNoFile", 2)]
    [InlineData("config init nas-sync.yaml", "FileExists", 2)]
    [InlineData("config init nosuch/nas-sync.yaml", "NotWritable", 6)]
    public async Task What_a_command_was_given_wrongly_has_the_code_and_the_exit_code_of_the_table(string words, string code, int exitCode)
    {
        _cli.WriteConfig();
        _cli.Job().Add("a.m4a", "audio").Write();
        var row = FailureTable.Failures.Single(row => row.Code == code);
        Assert.Equal((ExitCode)exitCode, ExitCodes.Of(new Failure(row.Classes[0], code, "", "")));

        Assert.Equal((ExitCode)exitCode, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains($"[{code}]", _cli.Out + _cli.Error, StringComparison.Ordinal);

        Assert.Equal((ExitCode)exitCode, await _cli.RunAsync([.. words.Split(' '), "--json"]));
        Assert.Contains(_cli.Json, line => line.TryGetProperty("code", out var said) && said.GetString() == code);
        Assert.Equal(exitCode, _cli.Json[^1].GetProperty("exitCode").GetInt32());
        Assert.Equal(
            words.Split(' ')[0] == "verify" ? "verified" : "finished",
            _cli.Json[^1].GetProperty("event").GetString()?.Replace("tested", "finished", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("watch", "OutputsDirUnset")]
    [InlineData("sync", "OutputsDirUnset")]
    [InlineData("resolve", "OutputsDirUnset")]
    [InlineData("source accept", "OutputsDirUnset")]
    [InlineData("watch", "DryWatch", "NAS_DRY_RUN")]
    public async Task What_the_configuration_lacks_for_a_command_is_exit_code_3(string words, string code, string? dryRun = null)
    {
        if (dryRun is not null) (_cli.Environment[dryRun], _cli.Environment["OUTPUTS_DIR"]) = ("true", _cli.Folder.Path);
        Assert.Equal(ExitCode.ConfigInvalid, await _cli.RunAsync(words.Split(' ')));
        Assert.Contains($"[{code}]", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_command_chooses_the_exit_code_of_a_failure_by_itself()
    {
        // Help that nobody asked for, what is said before anything is loaded, and a test of a destination that broke a promise are no failures.
        string[] free = ["NassyncApp.cs", "LastResort.cs", "DestinationTestOutput.cs"];
        string[] words = ["ExitCode.Usage", "ExitCode.FailedForGood", "ExitCode.WillRetry", "ExitCode.Locked", "ExitCode.DestinationUnavailable"];
        Assert.Equal(
            [],
            from folder in (string[])["src/NasSync.Service", "src/NasSync.PowerShell"]
            from source in Repository.Sources(folder)
            where !free.Contains(Path.GetFileName(source.Path))
            where source.Lines.Any(line => words.Any(word => line.Contains(word, StringComparison.Ordinal)))
            select source.Path);
    }
}
