using NasSync.Config;
using NasSync.Service;
using NasSync.Service.Output;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

/// <summary>What <c>nassync watch</c> says to people: one line for each thing that happened, and nothing twice.</summary>
public sealed class WatchOutputTests
{
    private const string Manifest = "/outputs/job_9/manifest.json";
    private static readonly PlanItem Item = SampleEvents.Item(jobId: "job_1", path: "a.m4a");
    private static readonly SyncResult Done = new() { Manifests = 1, Committed = 2, Bytes = 2048, Elapsed = TimeSpan.FromSeconds(1) };

    /// <summary>An event, and its lines.</summary>
    public static TheoryData<TransferEvent, string> Lines => new()
    {
        { SampleEvents.Planned(), "" },
        { new TransferEvent.Started(Item), "" },
        { new TransferEvent.Warned(new Notice("WatchPolling", "It is slow.", "Wait.")), "warning: It is slow. Wait." },
        {
            new TransferEvent.Retrying(Item, Failure("The link broke."), TimeSpan.FromSeconds(2.5)),
            $"retry in 2.5 s: job_1/a.m4a -> {Item.Target}: The link broke."
        },
        { new TransferEvent.Skipped(Item, SkipKind.Unchanged), "" },
        { new TransferEvent.Skipped(Item, SkipKind.AlreadyPresent), $"already there: job_1/a.m4a -> {Item.Target}" },
        {
            new TransferEvent.Skipped(Item with { Target = null, Reason = "no route takes it" }, SkipKind.Unrouted),
            "skipped: job_1/a.m4a: no route takes it"
        },
        { new TransferEvent.Released(Item.Manifest, Item.Artifact), "source removed: job_1/a.m4a" },
        {
            new TransferEvent.Failed("subject", Failure("There is no space left."), Item),
            $"FAILED: job_1/a.m4a -> {Item.Target}: There is no space left.\n  Make room. [Broken]"
        },
        {
            new TransferEvent.Failed(Manifest, Failure($"{Manifest}: this is no JSON.")),
            $"FAILED: {Manifest}: this is no JSON.\n  Make room. [Broken]"
        },
        { new TransferEvent.Failed("ledger", Failure("The disk is full.")), "FAILED: ledger: The disk is full.\n  Make room. [Broken]" },
        { new TransferEvent.JobFinished(Manifest, "job_9", Done), $"job job_9: {TableOutput.Summary(Done)}" },
        { new TransferEvent.JobFinished(Manifest, "job_9", new SyncResult { Manifests = 1, Unchanged = 2 }), "" },
        { new TransferEvent.JobFinished(Manifest, null, new SyncResult { Failed = 1 }), "" },
        { new TransferEvent.Finished(Done), TableOutput.Summary(Done) },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Each_event_has_its_lines(TransferEvent happened, string lines)
    {
        var shown = Shown(happened, journal: true);
        Assert.Equal(lines.Length == 0 ? "" : lines + "\n", shown);
        if (lines.Length > 0) Assert.Equal(
            lines.Split('\n').Select(line => $"{Amounts.Time(SampleEvents.Noon)} {line}"),
            Shown(happened, journal: false).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_copy_is_told_with_its_size_its_time_and_its_proof()
    {
        var line = Shown(SampleEvents.Committed(), journal: true);
        Assert.StartsWith("copied: ", line, StringComparison.Ordinal);
        Assert.Matches(@" -> \S.* \(.+ in .+, .+, .+\)\n$", line);
    }

    [Fact]
    public void What_the_level_leaves_out_is_not_told_and_no_name_drives_a_terminal()
    {
        Assert.Equal("", Shown(SampleEvents.Committed(), journal: true, LogLevel.Warning));
        Assert.DoesNotContain('\u001b', Shown(new TransferEvent.Failed("\u001b[2J", Failure("It broke.")), journal: true));
    }

    private static string Shown(TransferEvent happened, bool journal, LogLevel level = LogLevel.Info)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var environment = new Dictionary<string, string>();
        if (journal) environment["JOURNAL_STREAM"] = "8:1";
        new WatchOutput(new Shell(text, text) { Environment = environment, Time = new ManualTime() }, level).Show(happened);
        return text.ToString();
    }

    private static Failure Failure(string message) => new(FailureClass.NoSpace, "Broken", message, "Make room.");
}
