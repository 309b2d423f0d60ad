using System.Management.Automation;
using NasSync.Installing;
using NasSync.PowerShell.Completion;

namespace NasSync.PowerShell.Commands;

/// <summary>Gets the tasks by which the system starts syncs, with the result of their last run.</summary>
[Cmdlet(VerbsCommon.Get, "SyncTask")]
[OutputType(typeof(SyncTask))]
public sealed class GetSyncTaskCommand : AsyncCmdlet
{
    /// <summary>Only tasks with these names; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [TextArgument("Name", IsPattern = true, TakesProperty = true)]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only the system's tasks or only your own (Linux). Default: both.</summary>
    [Parameter]
    public SyncTaskScope? Scope { get; set; }

    private protected override string Activity => "Reading tasks";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = new NameFilter(Name);
        Run(async (writer, cancellationToken) =>
        {
            foreach (var task in await ListAsync(Scope, cancellationToken).ConfigureAwait(false))
                if (names.Matches(task.Name)) writer.WriteObject(task);
            foreach (var name in names.Missing) writer.WriteFailure(CmdletFailure.TaskNotFound(name, names.Seen), name);
        });
    }

    /// <summary>All of NasSync's tasks on this machine.</summary>
    internal static async Task<IReadOnlyList<SyncTask>> ListAsync(SyncTaskScope? scope, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows()) return await new WindowsScheduler(TimeProvider.System).ListAsync(cancellationToken).ConfigureAwait(false);
        var tasks = new List<SyncTask>();
        foreach (var host in SystemdHosts.All(scope))
            tasks.AddRange(await new SystemdInstaller(host, TimeProvider.System).ListAsync(cancellationToken).ConfigureAwait(false));
        return tasks;
    }
}
