using System.Management.Automation;
using NasSync.Config;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// Watches the outputs folder and syncs each job as it arrives, in the background of the session, until Stop-SyncWatcher or the end of the process.
/// With -Wait it stays in the foreground and writes each job's result, until Ctrl-C.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "SyncWatcher", SupportsShouldProcess = true)]
[OutputType(typeof(SyncWatcher))]
[OutputType(typeof(SyncJobResult))]
public sealed class StartSyncWatcherCommand : AsyncCmdlet
{
    /// <summary>The configuration file. Default: $env:NAS_SYNC_CONFIG_PATH, then nas-sync.yaml in the current folder.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ConfigFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>Seconds between two scans of the outputs folder, 1 to 86400. Default: the configuration's pollInterval.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int PollSeconds { get; set; }

    /// <summary>Stays in the foreground, and writes a result for each job instead of the watcher.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Maximum time to wait for another run that holds the work folder: a time span, or seconds. Default: no wait.</summary>
    [Parameter]
    [DurationArgument]
    public TimeSpan WaitForLock { get; set; }

    private protected override string Activity => "Watching";

    /// <inheritdoc/>
    /// <remarks>
    /// Runs per record, not at the end: an object from the pipeline binds to nothing here, and must not select the default configuration.
    /// </remarks>
    protected override void ProcessRecord()
    {
        var config = SessionConfig.Require(this, Config, near: null, warn: true);
        if (PollSeconds > 0) config = config with { PollInterval = TimeSpan.FromSeconds(PollSeconds) };
        if (!config.Enabled)
        {
            WriteWarning($"NasSync is switched off (enabled: false in {config.File ?? "the environment"}); nothing is watched.");
            return;
        }

        if (config.OutputsDir is not { } outputs)
        {
            ThrowTerminatingError(ErrorRecords.From(CmdletFailure.NoOutputsFolder(), null));
            return;
        }

        if (config.DryRun) ThrowTerminatingError(ErrorRecords.From(CmdletFailure.DryWatch(), null));
        if (ShouldProcess(outputs, "Watch and sync each job as it comes"))
            Run((writer, cancellationToken) => StartAsync(config, writer, cancellationToken));
    }

    private async Task StartAsync(SyncConfig config, PipelineWriter writer, CancellationToken cancellationToken)
    {
        var run = WatcherTable.Start(config, WaitForLock);
        try
        {
            await run.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            run.Stop();
            await run.Ended.ConfigureAwait(false);
            WatcherTable.Remove(run);
            throw;
        }

        if (run.Ended.IsCompleted && run.Watcher.Failure is { } failure)
        {
            WatcherTable.Remove(run);
            throw new FailureException(failure);
        }

        if (!Wait)
        {
            writer.WriteObject(run.Watcher);
            return;
        }

        try
        {
            await WatcherResults.WriteAsync(run, most: null, writer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            run.Stop();
            await run.Ended.ConfigureAwait(false);
            WatcherTable.Remove(run);
        }
    }
}
