using System.Globalization;
using System.Management.Automation;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Writes the results of jobs that watchers have done, as they come; each result is written once. It waits for so many jobs, or until the watcher
/// ends.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "SyncWatcher", DefaultParameterSetName = WatcherSet)]
[OutputType(typeof(SyncJobResult))]
public sealed class WaitSyncWatcherCommand : WatcherCmdlet
{
    /// <summary>Jobs to wait for, of each watcher, counting those that are done and not written yet. Default: until the watcher ends.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Jobs { get; set; }

    /// <summary>Seconds to wait in all; then an error says so, and the watcher goes on. Default: without end.</summary>
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
