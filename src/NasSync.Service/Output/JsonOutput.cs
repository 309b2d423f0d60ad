using NasSync.Config;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>
/// Shows a run as JSON lines: every item when it is done, <c>finished</c> last. At level debug also plans, starts and progress. A plan has one line
/// <c>planItem</c> per item instead.
/// </summary>
internal sealed class JsonOutput(TextWriter output, LogLevel level, bool dryRun) : IRunOutput
{
    /// <inheritdoc/>
    public void Show(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Planned planned when dryRun:
                foreach (var item in planned.Plan.Items) WriteItem(item);
                if (planned.Then is { } then) WriteClearing(planned.Manifest, then);
                break;
            case TransferEvent.Planned or TransferEvent.Started or TransferEvent.Progress when level > LogLevel.Debug:
                break;
            // The item's planItem line has reported it already.
            case TransferEvent.Committed or TransferEvent.Skipped or TransferEvent.Failed { Item: not null } when dryRun:
                break;
            default:
                JsonLines.Write(output, transferEvent);
                break;
        }
    }

    private void WriteClearing(Manifest manifest, string then) => JsonLines.Write(output, "planJob", json =>
    {
        json.WriteString("jobId", manifest.JobId);
        json.WriteString("manifest", manifest.Path);
        json.WriteString("then", then);
    });

    private void WriteItem(PlanItem item) => JsonLines.Write(output, "planItem", json =>
    {
        json.WriteString("jobId", item.JobId);
        json.WriteString("artifact", item.Artifact.Path);
        json.WriteString("action", TransferEventJson.Camel(item.Action));
        json.WriteString("destination", item.Target?.Destination);
        json.WriteString("target", item.Target?.Display);
        if (item.Source?.Size is { } size) json.WriteNumber("size", size);
        else json.WriteNull("size");
        json.WriteString("sha256", item.Sha256);
        json.WriteString("reason", item.Reason);
        json.WriteBoolean("replaces", item.Replaces is not null);
        TransferEventJson.WriteGivesWay(json, item);
        json.WriteString("verify", TransferEventJson.Camel(item.Verify));
        json.WriteString("release", TransferEventJson.Camel(item.Release));
        json.WriteBoolean("removesSource", item.RemovesSource);
        if (item.Failure is { } failure) TransferEventJson.WriteFailure(json, failure);
    });
}
