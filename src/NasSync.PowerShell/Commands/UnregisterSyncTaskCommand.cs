using System.Management.Automation;
using NasSync.Installing;
using NasSync.PowerShell.Completion;
using NasSync.PowerShell.Pipeline;

namespace NasSync.PowerShell.Commands;

/// <summary>Removes the tasks by which the system starts syncs; configuration, ledger and copies stay.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "SyncTask", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterSyncTaskCommand : AsyncCmdlet
{
    /// <summary>Tasks by their names, or as Get-SyncTask writes them; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextArgument("Name", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Only the system's tasks or only your own (Linux). Default: both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SyncTaskScope? Scope { get; set; }

    private protected override string Activity => "Removing tasks";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (names, scope) = (Name, Scope);
        Run(async (writer, cancellationToken) =>
        {
            var tasks = await GetSyncTaskCommand.ListAsync(scope, cancellationToken).ConfigureAwait(false);
            var filter = new NameFilter(names);
            foreach (var task in tasks.Where(task => filter.Matches(task.Name)))
                await RemoveAsync(task, writer, cancellationToken).ConfigureAwait(false);
            foreach (var name in filter.Missing) writer.WriteFailure(CmdletFailure.TaskNotFound(name, filter.Seen), name);
        });
    }

    private static async Task RemoveAsync(SyncTask task, PipelineWriter writer, CancellationToken cancellationToken)
    {
        if (!await writer.ShouldProcessAsync(task.Path, $"Remove the task that syncs {task.Schedule}", cancellationToken).ConfigureAwait(false))
            return;
        try
        {
            if (task.Scope is null)
                await new WindowsScheduler(TimeProvider.System).UnregisterAsync(task.Path, cancellationToken).ConfigureAwait(false);
            else
                await new SystemdInstaller(SystemdHosts.Of(task.Scope), TimeProvider.System)
                    .UninstallAsync(task.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (FailureException error)
        {
            // A failure with one task does not stop the removal of the others.
            writer.WriteFailure(error.Failure, task);
        }
    }
}
