using NasSync.Config;
using NasSync.PowerShell.Pipeline;
using NasSync.Transfers;
using NasSync.Webhooks;

namespace NasSync.PowerShell;

/// <summary>One run of the engine in a cmdlet: asks before each item, or with <c>-WhatIf</c> shows what would be done.</summary>
internal sealed class CmdletRun(SyncConfig config, bool whatIf, bool perItem)
{
    /// <summary>The summary that the command writes at its end.</summary>
    public required SyncSummary Summary { get; init; }

    /// <summary>Where diagnostic messages go.</summary>
    public required Func<SyncConfig, PipelineWriter, DebugLog> Log { get; init; }

    /// <summary>Runs a request to its end.</summary>
    public async Task RunAsync(SyncRequest request, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var dryRun = whatIf || config.DryRun;
        request = request with
        {
            DryRun = dryRun,
            Approve = dryRun ? null : async (item, cancellation) => await Ask(item, writer, cancellation).ConfigureAwait(false),
        };
        var mayClear = dryRun || await MayClearAsync(request, writer, cancellationToken).ConfigureAwait(false);
        var approved = mayClear ? config : config with { FinishedJobs = FinishedJobsPolicy.Keep };
        using var log = Log(config, writer);
        var engine = new SyncEngine(approved) { Through = new Courier(config).TeeAsync, Log = log };
        var events = engine.RunAsync(request, cancellationToken);
        // A dry run writes nothing, not even to the log.
        if (!dryRun) events = EventLog.Tee(events, config, writer.WriteWarning, cancellationToken: cancellationToken);
        var output = new SyncOutput(writer, perItem ? null : Summary, new ProgressMeter(TimeProvider.System));
        await foreach (var happened in events.ConfigureAwait(false))
        {
            output.Show(happened);
            if (!dryRun || happened is not TransferEvent.Planned planned) continue;
            foreach (var item in planned.Plan.Items.Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt))
            {
                if (whatIf) await Ask(item, writer, cancellationToken).ConfigureAwait(false);
                output.ShowPlanned(item);
            }

            if (planned.Then is { } then) await TellClearingAsync(planned.Manifest, then, writer, cancellationToken).ConfigureAwait(false);
        }
    }

    // Asks for confirmation once, before the items: a job that is completely recorded has no item for which to ask.
    private async Task<bool> MayClearAsync(SyncRequest request, PipelineWriter writer, CancellationToken cancellationToken)
    {
        if (config.FinishedJobs.Action == FinishedJobsAction.Keep || config.OutputsDir is not { } outputs) return true;
        if (request is not { Repair: null, Failures.Count: 0, Only.Count: 0 }) return true;
        var action = config.FinishedJobs.Action == FinishedJobsAction.Remove
            ? "At last remove the folder of each job that is wholly recorded"
            : $"At last move the folder of each job that is wholly recorded to {config.FinishedJobs.Folder}";
        return await writer.ShouldProcessAsync(outputs, action, cancellationToken).ConfigureAwait(false);
    }

    // Comes after the items, because clearing the job's folder is the last step.
    private async Task TellClearingAsync(Manifest manifest, string then, PipelineWriter writer, CancellationToken cancellationToken)
    {
        if (whatIf)
            await writer.ShouldProcessAsync(manifest.Folder, $"At last {then}, once all of {manifest.JobId} is recorded", cancellationToken)
                .ConfigureAwait(false);
        else writer.WriteVerbose($"{manifest.JobId}: at last {then}, once all of it is recorded");
    }

    private static Task<bool> Ask(PlanItem item, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var action = item.Action == PlanAction.Copy
            ? $"Copy {item.Artifact} of {item.JobId} ({Readable.Size(item.BytesToSend)})"
            : $"Record that {item.Artifact} of {item.JobId} is there already";
        if (item.RemovesSource) action += ", then remove its source once every copy is proven";
        return writer.ShouldProcessAsync(item.Target?.Display ?? item.Artifact.Path, action, cancellationToken);
    }
}
