using System.Text.Json;
using NasSync.Config;
using NasSync.Service.Output;
using NasSync.Tests.Support;

namespace NasSync.Tests.Service;

public sealed class JsonOutputTests
{
    private static readonly TransferEvent[] Run =
    [
        SampleEvents.Planned(SampleEvents.Item(), SampleEvents.Item(PlanAction.Refuse, path: "bad\n.m4a", failure: SampleEvents.Failure())),
        new TransferEvent.Started(SampleEvents.Item()),
        new TransferEvent.Progress(SampleEvents.Item(), 7),
        SampleEvents.Committed(),
        SampleEvents.Failed("bad\n.m4a"),
        new TransferEvent.Failed("/outputs/x/manifest.json", SampleEvents.Failure()),
        SampleEvents.Finished(),
    ];

    [Fact]
    public void A_run_gives_its_items_and_finished_last() =>
        Assert.Equal(["committed", "failed", "failed", "finished"], Names(LogLevel.Info, dryRun: false));

    [Fact]
    public void With_level_debug_every_event_is_a_line() =>
        Assert.Equal(["planned", "started", "progress", "committed", "failed", "failed", "finished"], Names(LogLevel.Debug, dryRun: false));

    [Fact]
    public void A_plan_gives_one_line_per_item_and_the_manifests_that_failed() =>
        Assert.Equal(["planItem", "planItem", "failed", "finished"], Names(LogLevel.Info, dryRun: true));

    [Fact]
    public void A_plan_line_says_the_action_and_why()
    {
        var lines = Lines(LogLevel.Info, dryRun: true);
        Assert.Equal("copy", lines[0].GetProperty("action").GetString());
        Assert.Equal("it is new", lines[0].GetProperty("reason").GetString());
        Assert.Equal("refuse", lines[1].GetProperty("action").GetString());
        Assert.Equal("EscapesJob", lines[1].GetProperty("code").GetString());
        Assert.Equal("bad\n.m4a", lines[1].GetProperty("artifact").GetString());
    }

    [Fact]
    public void A_plan_line_says_what_is_known_of_the_file_that_gives_way_and_what_name_the_copy_has_had()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var item = SampleEvents.Item();
        var former = new FormerName(item.Target! with { Path = "Before.m4a" }, default);
        new JsonOutput(text, LogLevel.Info, dryRun: true)
            .Show(SampleEvents.Planned(item with { Replaced = new ReplacedFile(7, "ab", "job_0", "x.m4a"), Respells = former }));
        var line = JsonDocument.Parse(text.ToString().Split('\n')[0]).RootElement;
        Assert.Equal("job_0", line.GetProperty("replaced").GetProperty("jobId").GetString());
        Assert.EndsWith("Before.m4a", line.GetProperty("respells").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Names(LogLevel level, bool dryRun) =>
        Lines(level, dryRun).Select(line => line.GetProperty("event").GetString());

    private static List<JsonElement> Lines(LogLevel level, bool dryRun)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var output = new JsonOutput(text, level, dryRun);
        foreach (var transferEvent in Run) output.Show(transferEvent);
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
