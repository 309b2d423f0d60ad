using System.Management.Automation;
using NasSync.PowerShell.Watchers;

namespace NasSync.PowerShell.Commands;

/// <summary>
/// The watchers of this process, with what they have done so far. One that has ended is listed until Stop-SyncWatcher takes it out.
/// </summary>
[Cmdlet(VerbsCommon.Get, "SyncWatcher")]
[OutputType(typeof(SyncWatcher))]
public sealed class GetSyncWatcherCommand : PSCmdlet
{
    /// <summary>Only these numbers.</summary>
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
