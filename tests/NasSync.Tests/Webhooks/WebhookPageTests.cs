using System.Text.RegularExpressions;
using NasSync.Tests.Support;

namespace NasSync.Tests.Webhooks;

/// <summary>docs/webhooks.md shows what is really sent.</summary>
public sealed class WebhookPageTests
{
    [Fact]
    public async Task The_payloads_of_the_page_are_what_is_sent()
    {
        await using var world = await CourierWorld.MakeAsync();
        var item = SampleEvents.Item(jobId: "job_20260114_7f3a", path: "stems/Northern Line (drums).wav", size: 73_400_320);
        var failure = new Failure(FailureClass.NoSpace, "NoSpace", "Cannot write '/mnt/nas/Instrumental/stems/Northern Line (drums).wav': "
            + "no space is left.", "Free some space there and run again.");
        var result = new SyncResult
        {
            Manifests = 3,
            Committed = 8,
            Unchanged = 2,
            Failed = 1,
            Bytes = 73_400_320,
            Elapsed = TimeSpan.FromMilliseconds(2417),
            ExitCode = ExitCode.WillRetry,
        };

        await world.RunAsync(
            new TransferEvent.Failed(
                "job_20260114_7f3a: stems/Northern Line (drums).wav → /mnt/nas/Instrumental/stems/Northern Line (drums).wav", failure, item),
            new TransferEvent.JobFinished(
                "/data/outputs/job_20260114_7f3a/manifest.json", "job_20260114_7f3a", result with { Manifests = 1, Committed = 2, Unchanged = 0 }),
            SampleEvents.Finished(result));

        var shown = Regex.Matches(File.ReadAllText(Repository.At("docs/webhooks.md")), @"^```json\n(.*?)\n```", RegexOptions.Multiline
            | RegexOptions.Singleline).Select(match => match.Groups[1].Value);
        Assert.Equal(world.Receiver.Seen.Select(told => told.Text), shown);
    }
}
