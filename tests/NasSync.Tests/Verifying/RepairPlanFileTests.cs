using NasSync.Tests.Ledgers;
using NasSync.Tests.Support;
using NasSync.Verifying;

namespace NasSync.Tests.Verifying;

public sealed class RepairPlanFileTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string PlanFile => _temp["plan.json"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void What_was_written_is_read_again_also_when_it_is_long()
    {
        var findings = Enumerable.Range(0, 3_000).Select(i => Finding(i % 2 == 0 ? CopyState.Damaged : CopyState.Missing, $"{i} \"ü\".m4a")).ToList();
        Write(findings);
        var plan = RepairPlanReader.Read(PlanFile);
        Assert.Equal(Rows.Noon, plan.CreatedAt);
        Assert.Equal(findings.Select(RepairEntry.From), plan.Entries);
    }

    [Fact]
    public void Only_what_is_lost_stands_in_it()
    {
        Write([.. Enum.GetValues<CopyState>().Select(state => Finding(state, $"{state}.m4a"))]);
        Assert.Equal(
            [CopyState.Missing, CopyState.Drifted, CopyState.Damaged],
            RepairPlanReader.Read(PlanFile).Entries.Select(entry => entry.Finding));
    }

    [Fact]
    public void The_file_that_was_there_stays_until_the_new_one_is_whole()
    {
        const string Before = """{"nassyncRepairPlan":0}""";
        File.WriteAllText(PlanFile, Before);
        using (var writer = RepairPlanWriter.Create(PlanFile, _temp["work"], Rows.Noon)) writer.Add(Finding(CopyState.Missing, "a.m4a"));
        Assert.Equal(Before, File.ReadAllText(PlanFile));
        Assert.Equal([PlanFile], Directory.GetFiles(_temp.Path));
        Write([Finding(CopyState.Missing, "a.m4a")]);
        Assert.Single(RepairPlanReader.Read(PlanFile).Entries);
        Assert.Equal([PlanFile], Directory.GetFiles(_temp.Path));
    }

    [Fact]
    public void No_file_of_the_work_folder_is_replaced()
    {
        _temp.Write("work/lock", "");
        Assert.Equal(
            "RepairPlanInvalid",
            Assert.Throws<FailureException>(() => RepairPlanWriter.Create(_temp["work/lock"], _temp["work"], Rows.Noon)).Failure.Code);
        Assert.Equal("", File.ReadAllText(_temp["work/lock"]));
    }

    [Theory]
    [InlineData("routes: []")]
    [InlineData("""{"job_id":"job_1","artifacts":[]}""")]
    [InlineData("""{"title":"\"nassyncRepairPlan\""}""")]
    [InlineData("# what \"nassyncRepairPlan\" is")]
    public void A_file_that_is_no_plan_is_not_replaced(string text)
    {
        File.WriteAllText(PlanFile, text);
        Assert.Equal(
            "RepairPlanInvalid",
            Assert.Throws<FailureException>(() => RepairPlanWriter.Create(PlanFile, _temp["work"], Rows.Noon)).Failure.Code);
        Assert.Equal(text, File.ReadAllText(PlanFile));

        File.WriteAllText(PlanFile, "");
        Write([Finding(CopyState.Missing, "a.m4a")]);
        Assert.Single(RepairPlanReader.Read(PlanFile).Entries);
    }

    [Theory]
    [InlineData("", "RepairPlanInvalid")]
    [InlineData("{}", "RepairPlanInvalid")]
    [InlineData("[1]", "RepairPlanInvalid")]
    [InlineData("""{"nassyncRepairPlan":2,"createdAt":"2026-01-01T00:00:00Z","entries":[]}""", "RepairPlanInvalid")]
    [InlineData("""{"nassyncRepairPlan":1,"createdAt":"2026-01-01T00:00:00Z","entries":[{"jobId":"j"}]}""", "RepairPlanInvalid")]
    public void What_is_no_plan_is_refused(string text, string code)
    {
        File.WriteAllText(PlanFile, text);
        Assert.Equal(code, Assert.Throws<FailureException>(() => RepairPlanReader.Read(PlanFile)).Failure.Code);
    }

    [Theory]
    [InlineData("\"path\": \"a.m4a\"", "\"path\": \"../a.m4a\"")]
    [InlineData("\"finding\": \"missing\"", "\"finding\": \"intact\"")]
    [InlineData("\"jobId\": \"job_1\"", "\"jobId\": null")]
    public void A_plan_that_someone_has_bent_is_refused(string part, string instead)
    {
        Write([Finding(CopyState.Missing, "a.m4a")]);
        var text = File.ReadAllText(PlanFile);
        Assert.Contains(part, text, StringComparison.Ordinal);
        File.WriteAllText(PlanFile, text.Replace(part, instead, StringComparison.Ordinal));
        Assert.Equal("RepairPlanInvalid", Assert.Throws<FailureException>(() => RepairPlanReader.Read(PlanFile)).Failure.Code);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_as_such() =>
        Assert.Equal("RepairPlanNoFile", Assert.Throws<FailureException>(() => RepairPlanReader.Read(PlanFile)).Failure.Code);

    private void Write(IReadOnlyList<CopyFinding> findings)
    {
        using var writer = RepairPlanWriter.Create(PlanFile, _temp["work"], Rows.Noon);
        foreach (var finding in findings) writer.Add(finding);
        writer.Commit();
    }

    private static CopyFinding Finding(CopyState state, string artifact) => new()
    {
        Copy = Rows.Copy("job_1", artifact, Rows.At(artifact), Rows.At("beside " + artifact, "/mnt/vault", "vault")),
        State = state,
        Reason = "a test",
        Manifest = "/outputs/job_1/manifest.json",
        Found = state == CopyState.Missing ? null : new FileState(4096, 1_768_392_000_123_456_789, ulong.MaxValue, 3),
        FoundSha256 = state == CopyState.Damaged ? new string('b', 64) : null,
    };
}
