namespace NasSync.PowerShell.Pipeline;

/// <summary>Shows a run's events in PowerShell: objects, one error per failed item, verbose lines, and progress.</summary>
/// <param name="writer">The pipeline.</param>
/// <param name="summary">Writes the run's totals; null: writes each item instead.</param>
/// <param name="meter">Computes the progress.</param>
internal sealed class SyncOutput(PipelineWriter writer, SyncSummary? summary, ProgressMeter meter)
{
    /// <summary>Shows the next event.</summary>
    public void Show(TransferEvent happened)
    {
        foreach (var line in meter.Observe(happened)) writer.WriteProgress(line);
        var item = SyncItem.From(happened);
        switch (happened)
        {
            case TransferEvent.Warned warned:
                writer.WriteNotice(warned.Notice);
                break;
            case TransferEvent.Retrying retrying:
                writer.WriteVerbose(
                    $"{retrying.Item.JobId}: {retrying.Item.Target} is tried again in {retrying.Delay.TotalSeconds:0.#} s: "
                        + $"{retrying.Failure.Message}");
                break;
            case TransferEvent.Failed failed:
                writer.WriteFailure(failed.Failure, failed.Item is null ? failed.Subject : item);
                break;
            case TransferEvent.Skipped or TransferEvent.Committed:
                writer.WriteVerbose($"{item!.JobId}: {item} ({item.Reason})");
                break;
            case TransferEvent.Released released:
                writer.WriteVerbose(
                    $"{released.Manifest.JobId}: Released: {released.Artifact.Path} (every copy is recorded, so the source was deleted)");
                break;
            case TransferEvent.JobCleared cleared:
                var done = cleared.MovedTo is null ? "removed" : $"moved to {cleared.MovedTo}";
                writer.WriteVerbose($"{cleared.Manifest.JobId}: its folder was {done} (all of it is recorded)");
                break;
            case TransferEvent.Finished finished when summary is not null:
                writer.WriteObject(summary.Of(finished.Result));
                break;
        }

        if (summary is null && item is not null) writer.WriteObject(item);
    }

    /// <summary>Shows an item of a dry run, which would be copied or recorded.</summary>
    public void ShowPlanned(PlanItem item)
    {
        if (summary is null)
            writer.WriteObject(SyncItem.Of(item, item.Action == PlanAction.Adopt ? SyncItemResult.PlannedRecord : SyncItemResult.Planned));
    }
}
