using System.Management.Automation;

namespace NasSync.PowerShell.Watchers;

/// <summary>Stops all watchers when the engine removes the module.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => WatcherTable.StopAll();
}
