using System.Management.Automation;

namespace NasSync.PowerShell.Commands;

/// <summary>Reads the manifests of finished jobs.</summary>
[Cmdlet(VerbsCommon.Get, "SyncManifest", DefaultParameterSetName = PathSet)]
[OutputType(typeof(Manifest))]
public sealed class GetSyncManifestCommand : PathCmdlet
{
    /// <summary>Also looks in folders below the job folders' level, at any depth.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }
}
