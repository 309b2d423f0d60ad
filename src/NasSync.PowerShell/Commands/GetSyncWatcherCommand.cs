using System.Management.Automation;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>Gets the watchers of this process, with their results so far. An ended watcher is listed until Stop-SyncWatcher removes it.</summary>
[Cmdlet(VerbsCommon.Get, "SyncWatcher")]
[OutputType(typeof(SyncWatcher))]
public sealed class GetSyncWatcherCommand : PSCmdlet
{
    /// <summary>Only the watchers with these numbers.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var run in WatcherTable.All)
            if (Id is null || Id.Contains(run.Watcher.Id)) WriteObject(run.Watcher);
        foreach (var id in Id ?? [])
            if (WatcherTable.Find(id) is null) WriteError(ErrorRecords.From(CmdletFailure.WatcherUnknown(id), id));
    }
}
