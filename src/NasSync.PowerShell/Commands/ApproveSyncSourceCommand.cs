using System.Management.Automation;
using NasSync.Config;
using NasSync.Ledgers;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Commands;

/// <summary>Accepts the current outputs folder as the right one, after it was set up again.</summary>
[Cmdlet(VerbsLifecycle.Approve, "SyncSource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class ApproveSyncSourceCommand : AsyncCmdlet
{
    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>Maximum time to wait for another run that holds the work folder: a time span, or seconds. Default: no wait.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan WaitForLock { get; set; }

    private protected override string Activity => "Approving the outputs folder";

    /// <inheritdoc/>
    /// <remarks>
    /// Runs per record, not at the end: an object from the pipeline binds to nothing here, and must not select the default configuration.
    /// </remarks>
    protected override void ProcessRecord()
    {
        var config = SessionConfig.Require(this, Config, near: null, warn: true);
        if (config.OutputsDir is not { } outputs)
        {
            ThrowTerminatingError(ErrorRecords.From(CmdletFailure.NoOutputsFolder(), null));
            return;
        }

        if (IsWhatIf && !IsKnown(config, outputs))
        {
            ((IPipelineStreams)this).WriteFailure(NotSeen(outputs), outputs);
            return;
        }

        if (!ShouldProcess(outputs, "Accept the outputs folder that stands there now")) return;
        Run(async (writer, cancellationToken) =>
        {
            using var turn = await Turn.TakeAsync(config, WaitForLock, writer, cancellationToken).ConfigureAwait(false);
            if (turn.Ledger.ForgetSource(outputs))
                writer.WriteVerbose($"{outputs} is accepted as it is now; the next run that finds a job there remembers it.");
            else writer.WriteFailure(NotSeen(outputs), outputs);
        });
    }

    private static bool IsKnown(SyncConfig config, string outputs)
    {
        using var ledger = Ledger.OpenReadOnly(config);
        return ledger.KnowsSource(outputs);
    }

    private static Failure NotSeen(string outputs) => CmdletFailure.NothingToApprove($"No run has seen a job in {outputs} yet");
}
