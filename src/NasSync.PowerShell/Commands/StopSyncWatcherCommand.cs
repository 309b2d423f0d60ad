using System.Management.Automation;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>Stops watchers and waits for them to end: running work is finished, or cancelled after ten seconds and resumed by the next run.</summary>
[Cmdlet(VerbsLifecycle.Stop, "SyncWatcher", DefaultParameterSetName = WatcherSet, SupportsShouldProcess = true)]
[OutputType(typeof(SyncWatcher))]
public sealed class StopSyncWatcherCommand : WatcherCmdlet
{
    /// <summary>Writes the watchers after they have stopped.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Activity => "Stopping";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var meant = Meant().Where(run => ShouldProcess(run.Watcher.OutputsDir, "Stop watching")).ToList();
        Run(async (writer, _) =>
        {
            foreach (var run in meant) run.Stop();
            foreach (var run in meant)
            {
                await run.Ended.ConfigureAwait(false);
                WatcherTable.Remove(run);
                if (PassThru) writer.WriteObject(run.Watcher);
            }
        });
    }
}
