using NasSync.Config;
using NasSync.PowerShell.Pipeline;
using NasSync.Transfers;
using NasSync.Webhooks;

namespace NasSync.PowerShell;

/// <summary>One run of the engine in a cmdlet: asks before each item, or with <c>-WhatIf</c> says what would be done.</summary>
internal sealed class CmdletRun(SyncConfig config, bool whatIf, bool perItem)
{
    /// <summary>What the command will say at its end.</summary>
    public required SyncSummary Summary { get; init; }

    /// <summary>Runs a request to its end.</summary>
    public async Task RunAsync(SyncRequest request, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var dryRun = whatIf || config.DryRun;
        request = request with
        {
            DryRun = dryRun,
            Approve = dryRun ? null : async (item, cancellation) => await Ask(item, writer, cancellation).ConfigureAwait(false),
        };
        var events = new SyncEngine(config) { Through = new Courier(config).TeeAsync }.RunAsync(request, cancellationToken);
        // A run that changes nothing leaves no line in the log either.
        if (!dryRun) events = EventLog.Tee(events, config, writer.WriteWarning, cancellationToken: cancellationToken);
        var output = new SyncOutput(writer, perItem ? null : Summary, new ProgressMeter(TimeProvider.System));
        await foreach (var happened in events.ConfigureAwait(false))
        {
            output.Show(happened);
            if (!dryRun || happened is not TransferEvent.Planned planned) continue;
            if (planned.Then is { } then) writer.WriteVerbose($"{planned.Manifest.JobId}: at last {then}, once all of it is recorded");
            foreach (var item in planned.Plan.Items.Where(item => item.Action is PlanAction.Copy or PlanAction.Adopt))
            {
                if (whatIf) await Ask(item, writer, cancellationToken).ConfigureAwait(false);
                output.ShowPlanned(item);
            }
        }
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
