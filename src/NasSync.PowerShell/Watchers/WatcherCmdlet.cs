using System.Management.Automation;

namespace NasSync.PowerShell.Watchers;

/// <summary>A cmdlet for watchers that were started before.</summary>
public abstract class WatcherCmdlet : AsyncCmdlet
{
    private protected const string WatcherSet = "Watcher";
    private protected const string IdSet = "Id";

    /// <summary>Watchers, as Start-SyncWatcher and Get-SyncWatcher write them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = WatcherSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public SyncWatcher[] Watcher { get; set; } = [];

    /// <summary>The numbers of watchers in this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [ValidateNotNullOrEmpty]
    public int[] Id { get; set; } = [];

    /// <summary>The watchers that are meant; an unknown number is an error of its own, and the others are still returned.</summary>
    private protected IReadOnlyList<WatcherRun> Meant()
    {
        var found = new List<WatcherRun>();
        foreach (var id in ParameterSetName == IdSet ? Id : Watcher.Select(watcher => watcher.Id))
        {
            if (WatcherTable.Find(id) is { } run) found.Add(run);
            else WriteError(ErrorRecords.From(CmdletFailure.WatcherUnknown(id), id));
        }

        return found;
    }
}
