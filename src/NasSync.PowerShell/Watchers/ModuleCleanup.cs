using System.Management.Automation;

namespace NasSync.PowerShell.Watchers;

/// <summary>Called by the engine when the module is removed: no watcher goes on without it.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => WatcherTable.StopAll();
}
