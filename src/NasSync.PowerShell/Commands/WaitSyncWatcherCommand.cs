using System.Globalization;
using System.Management.Automation;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Writes the results of the jobs that watchers have finished, as they arrive; each result is written once. Waits for a number of jobs, or until the
/// watcher ends.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "SyncWatcher", DefaultParameterSetName = WatcherSet)]
[OutputType(typeof(SyncJobResult))]
public sealed class WaitSyncWatcherCommand : WatcherCmdlet
{
    /// <summary>Number of jobs to wait for, per watcher, including finished ones not written yet. Default: until the watcher ends.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Jobs { get; set; }

    /// <summary>Maximum time to wait in total, in seconds; after that it writes an error, and the watcher continues. Default: no limit.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(1, int.MaxValue)]
    public int Timeout { get; set; }

    private protected override string Activity => "Waiting";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var meant = Meant();
        Run(async (writer, cancellationToken) =>
        {
            using var time = Timeout > 0 ? new CancellationTokenSource(TimeSpan.FromSeconds(Timeout)) : new CancellationTokenSource();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
            foreach (var run in meant)
            {
                try
                {
                    await WatcherResults.WriteAsync(run, Jobs > 0 ? Jobs : null, writer, either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    writer.WriteFailure(CmdletFailure.WaitTimedOut(run.Watcher, Timeout.ToString(CultureInfo.InvariantCulture)), run.Watcher);
                }
            }
        });
    }
}
